"""What requests cost the edge: part by part, and a block as a whole."""

from math import isnan, nan
from typing import Any

import numpy as np
import pytest

from testbed.results.energy import PARTS, model_range, reckon
from testbed.results.record import RequestRecord
from testbed.results.summary import summarise
from testbed.results.table import read_table, table_of, write_table
from tests.testbed import synthetic
from tests.testbed.results.power import POWER, RADIO, facts, figure

COMPUTES_S = 0.25


def request(index: int, sent_s: float, answered_s: float, **changes: Any) -> RequestRecord:
    """One that computed for 0.25 s before it was sent; NaN: never answered."""
    begun_s = sent_s - COMPUTES_S
    known: dict[str, Any] = {
        "issued_s": begun_s,
        "head_done_s": sent_s - 0.05,
        "encode_done_s": sent_s,
        "sent_s": sent_s,
        "answered_s": answered_s,
        "reply_wait_s": 0.0,
        "wire_up_bytes": 1000,
        "wire_down_bytes": 100,
    }
    return RequestRecord("split", 0, index, 0, begun_s, **(known | changes))


def local(index: int) -> RequestRecord:
    return RequestRecord("local", 0, index, 0, index, index, index + 0.5, index + 0.5)


def parts_j(record: RequestRecord) -> dict[str, float]:
    return {part: getattr(record, f"energy_{part}_j") for part in PARTS}


def test_each_part_is_its_figure_times_what_it_is_of() -> None:
    record = request(0, 1.0, 3.0)
    reckon([record], POWER)
    assert parts_j(record) == pytest.approx(
        {
            "head": 0.4,
            "encode": 0.1,
            "uplink": 8e-3,
            "downlink": 8e-5,
            "radio_on": 2.0,
            "radio_tail": 0.0,
        }
    )


def test_the_example_of_the_rule() -> None:
    sent = [request(0, 0.0, 2.0), request(1, 1.0, 3.0), request(2, 30.0, 31.0)]
    reckon(sent, POWER)
    assert [record.energy_radio_on_j for record in sent] == pytest.approx([2.0, 1.0, 1.0])
    assert [record.energy_radio_tail_j for record in sent] == pytest.approx([0.0, 5.0, 0.0])


def test_a_tail_ends_where_the_next_request_is_sent() -> None:
    sent = [request(0, 0.0, 1.0), request(1, 5.0, 6.0)]
    reckon(sent, POWER)
    assert sent[0].energy_radio_tail_j == pytest.approx(0.5 * 4.0)


def test_what_waited_for_a_busy_edge_kept_no_radio_on() -> None:
    record = request(0, 0.0, 3.0, reply_wait_s=2.0)
    reckon([record], POWER)
    assert record.energy_radio_on_j == pytest.approx(1.0)


def test_a_lost_request_has_its_bits_and_a_tail_from_when_it_was_sent() -> None:
    sent = [request(0, 0.0, nan), request(1, 4.0, 5.0)]
    reckon(sent, POWER)
    assert sent[0].energy_uplink_j == pytest.approx(8e-3)
    assert sent[0].energy_radio_on_j == 0.0
    assert sent[0].energy_radio_tail_j == pytest.approx(2.0)


def test_payloads_stand_for_bytes_that_were_not_metered() -> None:
    unmetered = {"wire_up_bytes": -1, "wire_down_bytes": -1}
    record = request(0, 0.0, 1.0, payload_up_bytes=500, payload_down_bytes=50, **unmetered)
    reckon([record], POWER)
    assert record.energy_uplink_j == pytest.approx(4e-3)
    assert record.energy_downlink_j == pytest.approx(4e-5)


@pytest.mark.parametrize("seed", range(20))
def test_the_requests_of_a_block_sum_to_what_the_block_cost(seed: int) -> None:
    """Against the radio's watts at every hundredth of a second, however requests overlap."""
    random = np.random.default_rng(seed)
    starts = np.sort(random.integers(0, 6000, 12)) / 100
    ends = starts + random.integers(1, 800, 12) / 100
    records = [request(i, s, e) for i, (s, e) in enumerate(zip(starts, ends, strict=True))]
    random.shuffle(records)
    reckon(records, POWER)
    reckoned_j = sum(record.energy_radio_on_j + record.energy_radio_tail_j for record in records)
    joules = 0.0
    for time_s in np.arange(starts[0], ends.max() - 1e-6, 0.01) + 0.005:
        if ((starts < time_s) & (time_s < ends)).any():
            joules += 0.01 * RADIO.connected_w.value
        elif time_s - ends[ends < time_s].max() < RADIO.tail_s and (starts > time_s).any():
            joules += 0.01 * RADIO.tail_w.value
    assert reckoned_j == pytest.approx(joules, abs=0.02)


def test_blocks_and_attempts_are_apart() -> None:
    apart = [request(0, 0.0, 1.0), request(0, 5.0, 6.0)]
    apart[1].attempt = 1
    reckon(apart, POWER)
    assert [record.energy_radio_tail_j for record in apart] == [0.0, 0.0]


def test_local_has_no_radio() -> None:
    record = local(0)
    reckon([record], POWER)
    assert parts_j(record) == {**dict.fromkeys(PARTS, 0.0), "head": 1.0}


def test_nothing_is_known_without_the_devices_power() -> None:
    record = local(0)
    reckon([record], POWER.model_copy(update={"computing_w": None}))
    assert all(map(isnan, parts_j(record).values()))


def test_without_a_radio_only_local_is_known() -> None:
    records = [local(0), request(0, 0.0, 1.0)]
    reckon(records, POWER.model_copy(update={"radio": None}))
    table = table_of(records)
    assert table["edge_energy_j"].isna().tolist() == [False, True]


def test_the_whole_is_the_sum_of_the_parts() -> None:
    records = [request(0, 0.0, 2.0), request(1, 1.0, 3.0), local(0)]
    reckon(records, POWER)
    wanted = [sum(parts_j(record).values()) for record in records]
    assert table_of(records)["edge_energy_j"].tolist() == pytest.approx(wanted)


def test_the_range_takes_every_figure_at_its_end() -> None:
    parts = dict.fromkeys(PARTS, 0.0) | {"head": 2.0, "radio_tail": 4.0}
    assert model_range(parts, POWER) == pytest.approx((3.0, 12.0))
    surer = RADIO.model_copy(update={"tail_w": figure(0.5, 0.5, 0.5)})
    power = POWER.model_copy(update={"radio": surer})
    assert model_range(parts, power) == pytest.approx((5.0, 8.0))
    assert all(map(isnan, model_range(parts | {"head": None}, POWER)))


def test_a_summary_tells_mean_range_and_parts_over_all_requests() -> None:
    records = synthetic.records(requests=20)
    reckon(records, POWER)
    power = facts()
    blocks = [
        {"deployment": "local", "repeat": n, "attempt": 0, "joules": 5.0 + n} for n in range(3)
    ]
    link = synthetic.link_facts(edge_power=power, energy_by_block=blocks)
    asked = synthetic.scenario(requests=20)
    summary = summarise(asked, table_of(records), link, synthetic.TRAINED)
    first, *others = summary["deployments"]
    for one in (first, *others):
        energy = one["edge_energy_j"]
        assert sum(one["energy_by_part_j"].values()) == pytest.approx(energy["mean"])
        assert energy["low"] == pytest.approx(energy["mean"] / 2)
        assert energy["high"] == pytest.approx(energy["mean"] * 2)
    assert first["measured_energy_j"] == pytest.approx(18.0 / 60)
    assert [one["measured_energy_j"] for one in others] == [None, None]
    assert summary["edge_power"] == power


def test_tables_from_before_know_no_energy(tmp_path: Any) -> None:
    file = tmp_path / "requests.parquet"
    table = table_of([request(0, 0.0, 1.0)])
    write_table(table.drop(columns=table.columns[table.columns.str.contains("energy")]), file)
    assert read_table(file)["edge_energy_j"].isna().all()


def test_what_the_edge_falls_back_on_is_computing_and_its_radio_waits_for_nothing() -> None:
    sent = [
        request(0, 0.0, 1.5, fell_back_s=1.0, fallback_done_s=1.5),
        request(1, 4.0, 5.0),
    ]
    reckon(sent, POWER)
    assert sent[0].energy_head_j == pytest.approx(0.4 + 2.0 * 0.5)
    assert sent[0].energy_radio_on_j == 0
    assert sent[0].energy_radio_tail_j == pytest.approx(0.5 * 4.0)
    assert sent[0].energy_uplink_j == pytest.approx(8e-3)
