"""Energy as bars of a run and as curves of a sweep."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from testbed.figures import energy, latency_curves, style
from testbed.figures.axis import CannotDraw, Sweep
from testbed.figures.kinds import draw_all
from testbed.figures.sweep_points import ENERGY
from testbed.results.energy import reckon
from testbed.results.power import EdgePower
from testbed.results.summary import summarise
from testbed.results.table import table_of
from tests.testbed import synthetic
from tests.testbed.figures import sweeps
from tests.testbed.figures.sweeps import RATES
from tests.testbed.figures.test_figures import RUNS, assert_readable, bar_ends, texts
from tests.testbed.results.power import POWER, facts


@pytest.fixture(autouse=True)
def styled() -> Iterator[None]:
    with style.applied(), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def data(
    timings: dict[str, Any] | None = None, power: EdgePower = POWER
) -> tuple[dict[str, Any], pd.DataFrame]:
    records = synthetic.records(timings, requests=20)
    reckon(records, power)
    asked = synthetic.scenario(synthetic.entries(timings or synthetic.USUAL), 20)
    table = table_of(records)
    link = synthetic.link_facts(edge_power=facts(power))
    return summarise(asked, table, link, synthetic.TRAINED), table


def with_energy(made: Sweep) -> Sweep:
    """A joule a second, half to twice."""
    joules = made.table["mean_ms"] / 1e3
    columns = {ENERGY.mean: joules, ENERGY.low: joules / 2, ENERGY.high: joules * 2}
    made.table[list(columns)] = pd.DataFrame(columns)
    return made


@pytest.mark.parametrize("timings", RUNS.values(), ids=RUNS)
def test_bars_are_readable(timings: dict[str, Any]) -> None:
    assert_readable(energy.draw(data(timings)[0]))


def test_a_bar_is_as_long_as_the_mean() -> None:
    summary, _ = data()
    means_j = [one["edge_energy_j"]["mean"] for one in summary["deployments"]]
    assert bar_ends(energy.draw(summary).axes[0]) == pytest.approx(means_j)


def test_what_is_not_known_is_said() -> None:
    summary, _ = data(power=POWER.model_copy(update={"radio": None}))
    figure = energy.draw(summary)
    assert_readable(figure)
    assert [t.get_text() for t in texts(figure)].count("not known") == 2


def test_a_run_of_which_nothing_is_known_has_no_such_figure(tmp_path: Path) -> None:
    unknown = POWER.model_copy(update={"computing_w": None, "unknown": "no power"})
    summary, table = data(power=unknown)
    assert {file.stem for file in draw_all(summary, table, tmp_path)} == {"stages", "cdf"}
    with pytest.raises(CannotDraw, match="found no power; needed: the power of device and radio"):
        draw_all(summary, table, tmp_path, ["energy"])


def test_a_run_of_which_it_is_known_has_one(tmp_path: Path) -> None:
    files = draw_all(*data(), tmp_path)
    assert {file.stem for file in files} == {"stages", "cdf", "energy"}


def test_curves_are_readable_and_of_the_table() -> None:
    made = with_energy(sweeps.sweep({"link.uplink.rate": RATES}))
    figure = latency_curves.draw(made, "rate", ENERGY)
    assert_readable(figure)
    local = made.table[made.table["deployment"] == "local"]
    drawn = figure.axes[0].lines[0].get_ydata()
    assert list(drawn) == pytest.approx(local[ENERGY.mean].tolist())  # type: ignore[arg-type]


def test_a_sweep_of_which_nothing_is_known_has_no_curves() -> None:
    with pytest.raises(CannotDraw, match="found no edge_energy_j that is known, needed: one"):
        latency_curves.draw(sweeps.sweep({"link.uplink.rate": RATES}), "rate", ENERGY)
