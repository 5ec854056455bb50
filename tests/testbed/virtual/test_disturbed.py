"""What a disturbed machine or a clock makes negative or nothing: never the end of a profile."""

from math import nan
from typing import Any

import pandas as pd
import pytest

from testbed.results.record import Outcome, RequestRecord
from testbed.results.table import table_of
from testbed.virtual.measure import _after_pauses, _stages


def request(issued_s: float, answered_s: float = nan, **marks: Any) -> RequestRecord:
    outcome = Outcome.ANSWERED if answered_s > 0 else Outcome.LOST
    return RequestRecord(
        "split", 0, 0, 0, issued_s, issued_s, issued_s + 0.01, issued_s + 0.02, issued_s + 0.02,
        answered_s, outcome=outcome, **marks,
    )  # fmt: skip


def every(apart_s: float) -> pd.DataFrame:
    """Requests that take 0.1 s, each issued that long after the answer to the one before."""
    starts_s = (number * (0.1 + apart_s) for number in range(4))
    return table_of([request(start_s, start_s + 0.1, server_s=0.05) for start_s in starts_s])


def test_a_pause_that_came_out_negative_or_nothing_is_no_pause() -> None:
    found = _after_pauses([every(0.5), every(-0.013), every(0.0), every(0.03)], True)
    assert [after.pause_s for after in found] == pytest.approx([0.03, 0.5])


def test_without_two_answers_there_is_no_pause() -> None:
    assert _after_pauses([table_of([request(0.0, 0.1)]), table_of([request(0.0)])], True) == ()


@pytest.mark.parametrize(
    "marks",
    [
        {"server_s": 5.0},  # the server's clock runs faster: nothing is left for the network
        {"server_s": 0.05, "server_decode_s": -1e-3, "server_tail_s": -1e-9},
        {"uplink_s": -1e-6, "downlink_s": -2e-6, "server_s": 0.0, "server_queue_s": -1e-3},
        {},
    ],
)
def test_no_stage_is_negative_or_unknown(marks: dict[str, Any]) -> None:
    stages = _stages(table_of([request(0.0, 0.1, **marks)]), True)
    for _, column in stages:
        assert 0 <= column[0] <= 0.1
