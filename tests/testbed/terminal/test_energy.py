"""Energy on the terminal: only where it is known, or why it is not."""

from typing import Any

import pytest

from testbed.results.energy import reckon
from testbed.results.power import EdgePower
from testbed.results.summary import summarise
from testbed.results.table import table_of
from tests.testbed import synthetic
from tests.testbed.results.power import POWER, facts
from tests.testbed.terminal.test_tables import printed

UNKNOWN = POWER.model_copy(update={"computing_w": None, "unknown": "no power is known"})


def told(power: EdgePower, **link: Any) -> str:
    records = synthetic.records(synthetic.EIGHT, requests=20)
    reckon(records, power)
    asked = synthetic.scenario(synthetic.entries(synthetic.EIGHT), 20)
    known = synthetic.link_facts(edge_power=facts(power), **link)
    summary = summarise(asked, table_of(records), known, synthetic.TRAINED)
    return printed(summary, 80)


def test_a_row_a_deployment_within_80_columns() -> None:
    text = told(POWER)
    _, _, table = text.partition("energy at the edge, mJ a request")
    assert max(map(len, text.splitlines())) <= 80
    row = next(line for line in table.splitlines() if line.startswith(" local"))
    mean, ends, computing, *sending = row.split()[1:]
    assert float(mean) == pytest.approx(78, rel=0.05)
    assert computing == mean and sending == ["0", "0", "0"]
    assert [float(end) for end in ends.split("..")] == pytest.approx([39, 156], rel=0.05)


def test_what_the_machine_counted_stands_beside() -> None:
    blocks = [{"deployment": "local", "repeat": n, "attempt": 0, "joules": 20.0} for n in range(3)]
    text = told(UNKNOWN, energy_by_block=blocks)
    assert max(map(len, text.splitlines())) <= 80
    row = next(line for line in text.splitlines() if line.startswith(" local") and "1000" in line)
    assert row.split()[-1] == "1000"


def test_why_nothing_is_known_is_said_where_a_radio_is_named() -> None:
    assert "energy at the edge: \N{EN DASH}: no power is known" in told(UNKNOWN)
    assert "energy" not in told(UNKNOWN.model_copy(update={"radio": None}))
