"""Gains and losses of pairs, on results made up to fall either way."""

from dataclasses import replace
from random import Random

import pytest

from testbed.paper.training.trials import TrialResult
from testbed.paper.transfer import compare
from tests.testbed.paper.small_trials import TRIAL

SINGLE = {"scale": 50.0, "shape": 80.0}


def result(tasks: tuple[str, ...], seed: int, *shares: float) -> TrialResult:
    point = replace(TRIAL, tasks=tasks, seed=seed)
    return TrialResult(point, dict(zip(tasks, shares, strict=True)), 1.0)


def test_both_of_a_pair_are_compared_with_themselves_alone() -> None:
    made = [
        result(("scale",), 1, 0.5),
        result(("shape",), 1, 0.8),
        result(("scale", "shape"), 1, 0.6, 0.75),
        result(("scale", "random"), 1, 0.4, 0.1),
    ]
    found = compare.gains(made, ("scale", "shape"), ("scale", "shape", "random"))
    assert {cell: round(values[0], 6) for cell, values in found.items()} == {
        ("scale", "shape"): 10.0,
        ("shape", "scale"): -5.0,
        ("scale", "random"): -10.0,
    }


def test_variance_is_pooled_over_a_tasks_partners() -> None:
    # Within-cell variances 2 and 8 with one degree of freedom each: pooled 5.
    found = compare.transfers(
        {("scale", "shape"): [9.0, 11.0], ("scale", "random"): [-2.0, 2.0]}, SINGLE
    )
    # t(0.975, 2) = 4.302653; standard error sqrt(5 / 2).
    assert list(found["half"]) == [pytest.approx(4.302653 * 2.5**0.5, rel=1e-6)] * 2
    assert list(found["gain"]) == [10.0, 0.0]


def test_large_effects_are_found() -> None:
    random = Random(5)
    strong = {("shape", f"partner {n}"): _around(-20, random) for n in range(7)}
    assert compare.transfers(strong, SINGLE)["significant"].all()


def test_where_nothing_happens_a_map_with_a_mark_is_as_rare_as_promised() -> None:
    random = Random(5)
    marked = 0
    for _ in range(400):
        nothing = {("scale", f"partner {n}"): _around(0, random) for n in range(7)}
        marked += bool(compare.transfers(nothing, SINGLE)["significant"].any())
    assert 0.01 < marked / 400 < 0.10


def test_one_seed_marks_nothing() -> None:
    found = compare.transfers({("scale", "shape"): [30.0], ("shape", "scale"): [-30.0]}, SINGLE)
    assert not found["significant"].any()
    assert {v.holds for v in compare.verdicts(found, quick=False)} == {"not testable here"}


@pytest.mark.parametrize(
    ("natural", "made", "expected"),
    [
        (5.0, -20.0, ["holds", "holds"]),
        (-20.0, 0.0, ["does not hold", "does not hold"]),
    ],
)
def test_the_verdicts_follow_the_figures(natural: float, made: float, expected: list[str]) -> None:
    differences = {
        ("scale", "shape"): [natural - 0.1, natural, natural + 0.1],
        ("scale", "random"): [made - 0.1, made, made + 0.1],
    }
    found = compare.verdicts(compare.transfers(differences, SINGLE), quick=False)
    assert [verdict.holds for verdict in found] == expected
    rehearsal = compare.verdicts(compare.transfers(differences, SINGLE), quick=True)
    assert {verdict.holds for verdict in rehearsal} == {"not testable here"}


def _around(mean: float, random: Random) -> list[float]:
    return [random.gauss(mean, 1) for _ in range(3)]
