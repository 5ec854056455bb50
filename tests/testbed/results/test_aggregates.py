"""Each kind of aggregate, over which requests it is taken, and what a sweep calls it."""

from dataclasses import replace
from math import nan
from typing import Any

import pandas as pd
import pytest

from testbed.results.aggregates import aggregate, summarised, sweep_columns
from testbed.results.column import AGGREGATES, Aggregate, column, columns_of, record_type
from testbed.results.record import Outcome


@record_type
class Made:
    """One column for each aggregate."""

    name: str = column(doc="plain")
    whole_s: float = column(unit="s", doc="d", aggregate=Aggregate.SPREAD, sweep="whole_")
    known_s: float = column(
        unit="s", doc="d", default=nan, aggregate=Aggregate.MEAN_OF_KNOWN, summary_unit="ms"
    )
    size_bytes: int = column(doc="d", default=-1, aggregate=Aggregate.MEAN_OF_KNOWN)
    energy_j: float = column(unit="J", doc="d", default=nan, aggregate=Aggregate.MEAN)
    how: Outcome = column(doc="d", default=Outcome.LOST, aggregate=Aggregate.COUNTS)
    right: bool = column(doc="d", default=False, aggregate=Aggregate.MEAN_OF_KNOWN)
    guesses: dict[str, int] = column(
        doc="d",
        default_factory=dict,
        prefix="guess_",
        aggregate=Aggregate.SHARE_RIGHT,
        summary=("accuracy",),
        sweep="accuracy_",
    )


BY_NAME = {one.name: one for one in columns_of(Made)}
ROWS = pd.DataFrame(
    {
        "repeat": [0, 0, 1, 1],
        "known_s": [0.001, nan, 0.003, nan],
        "size_bytes": [10, -1, 30, 0],
        "energy_j": [1.0, 2.0, 3.0, 100.0],
        "whole_s": [1.0, 2.0, 6.0, nan],
        "how": ["answered", "answered", "late", "lost"],
        "right": [True, False, True, True],
    }
)


def made(name: str) -> Any:
    return aggregate(BY_NAME[name], ROWS, ROWS[ROWS["how"] != "lost"])


def test_a_mean_is_of_what_was_answered() -> None:
    assert made("energy_j") == 2.0


def test_a_mean_of_what_is_known_is_of_all_requests_in_the_summarys_unit() -> None:
    assert made("known_s") == pytest.approx(2.0)
    assert made("size_bytes") == pytest.approx(40 / 3)
    assert made("right") == 0.75


def test_counts_name_what_did_not_happen_too() -> None:
    assert made("how") == {"answered": 2, "late": 1, "lost": 1}


def test_a_spread_counts_lost_requests_as_infinitely_slow() -> None:
    found = made("whole_s")
    assert (found["mean"], found["p50"], found["p99"]) == (3.0, 2.0, None)
    assert found["mean_by_repeat"] == [1.5, 6.0]
    assert found["ci95"][0] < 3.0 < found["ci95"][1]  # of two repeats, with two answers and one
    assert sum(found["ci95"]) / 2 == pytest.approx(3.0)


def test_what_has_a_value_for_each_task_is_no_column_of_one() -> None:
    with pytest.raises(ValueError, match="guess_TASK"):
        made("guess_TASK")


def test_plain_columns_are_left_out_and_the_others_in_the_order_of_aggregates() -> None:
    names = [one.name for one in summarised(columns_of(Made))]
    assert names == [
        *("how", "whole_s", "energy_j", "known_s", "size_bytes", "right", "guess_TASK")
    ]


def test_a_sweep_calls_them_by_their_unit_and_finds_them_in_the_summary() -> None:
    places = {made.name: made.summary for one in columns_of(Made) for made in sweep_columns(one)}
    assert places["energy_j"] == ("energy_j",)
    assert places["whole_mean_s"] == ("whole_s", "mean")
    assert places["whole_p95_high_s"] == ("whole_s", "percentiles_ci95", "p95", 1)
    assert places["accuracy_TASK"] == ("accuracy",)
    assert not [name for name in places if name in ("name", "how")]


def test_every_aggregate_is_explained() -> None:
    assert set(AGGREGATES) == set(Aggregate) - {Aggregate.NONE}


def test_a_unit_nobody_can_convert_is_refused() -> None:
    with pytest.raises(KeyError):
        replace(BY_NAME["energy_j"], summary_unit="kWh").scale  # noqa: B018
