"""Regret: against the best that keeps the accuracy, on either clock."""

from math import inf
from typing import Any

from benchmarks.regret import lines_of
from benchmarks.regret_wall import wanted
from benchmarks.rules import CHOOSE, CLOSED_FORM, FIXED, RULES, regrets, summed_up


def row(wall_ms: dict[str, float | None] | None = None) -> dict[str, Any]:
    taken_ms = {"local": 20.0, "split": 10.0, "lossy": 5.0, "lost": None, "slow": 40.0}
    return {
        "scenario": "lte",
        "device": "pixel",
        "picked": dict.fromkeys(RULES, "local") | {CHOOSE: "split", CLOSED_FORM: "lost"},
        "virtual_ms": taken_ms,
        "loss": dict.fromkeys(taken_ms, 0.0) | {"lossy": 0.5},
        "wall_ms": wall_ms,
    }


def test_regret_is_against_the_best_that_keeps_the_accuracy() -> None:
    assert regrets([row()], CHOOSE, "virtual") == [(0.0, 0.0)]
    assert regrets([row()], next(iter(FIXED)), "virtual") == [(10.0, 1.0)]
    assert regrets([row()], CLOSED_FORM, "virtual") == [(inf, inf)]


def test_only_measured_cells_count_on_the_wall_clock() -> None:
    measured = row({"local": 18.0, "split": 24.0, "lost": None})
    assert regrets([row(), measured], CHOOSE, "wall") == [(6.0, 1 / 3)]
    assert regrets([row()], CHOOSE, "wall") == []


def test_a_sum_tells_how_many_are_near_the_middle_and_the_worst() -> None:
    assert summed_up([(0.0, 0.0), (1.0, 0.04), (9.0, 0.3)]) == (2, (1.0, 0.04), (9.0, 0.3))
    said = lines_of([row()])
    assert len(said) == len(RULES)
    assert said[0].split()[:6] == ["virtual", "testbed", "choose", "1", "of", "1"]


def test_what_is_measured_is_what_rules_choose_and_the_fastest_allowed() -> None:
    assert wanted(row()) == {"split", "lost", "local", "slow"}
