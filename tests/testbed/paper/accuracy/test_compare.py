"""The verdict on accuracy, on results made up to fall either way."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from testbed.paper.accuracy.compare import cells_of, verdicts
from testbed.paper.training.statistics import Comparison, Standing, interval
from testbed.paper.training.trials import TrialResult
from tests.testbed.paper.small_trials import TRIAL

SETTING = replace(TRIAL, tasks=(), seed=0)


def results(single: Sequence[float], multi: Sequence[float]) -> list[TrialResult]:
    """For seeds 1, 2, ...: both tasks alone as accurate as `single`, together as `multi`."""
    made = []
    for seed, (alone, together) in enumerate(zip(single, multi, strict=True), 1):
        for tasks, share in ((("scale",), alone), (("shape",), alone), (TRIAL.tasks, together)):
            trial = replace(TRIAL, tasks=tasks, seed=seed)
            made.append(TrialResult(trial, dict.fromkeys(tasks, share), 1.0))
    return made


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        ([2.0, 2.1, 1.9], "beats"),
        ([-0.1, 0.1, 0.0], "matches"),
        ([-0.5, -0.4, -0.45], "matches"),  # worse for certain, but within the margin
        ([-3.0, -3.1, -2.9], "loses"),
        ([-4.0, 4.0, 0.0], "undecided"),
        ([5.0], "undecided"),
    ],
)
def test_where_an_interval_stands(gains: list[float], expected: Standing) -> None:
    level = interval([70.0])
    assert Comparison(level, level, interval(gains)).standing == expected


@pytest.mark.parametrize(
    ("multi", "holds"),
    [
        ([0.75, 0.76, 0.77], "holds"),
        ([0.60, 0.61, 0.62], "does not hold"),
        ([0.50, 0.71, 0.90], "not testable here"),
    ],
)
def test_the_verdict_follows_the_figures(multi: list[float], holds: str) -> None:
    found = cells_of([SETTING], results([0.70, 0.71, 0.72], multi))
    (verdict,) = verdicts(found, quick=False)
    assert verdict.holds == holds
    assert "shape" in verdict.measured


def test_networks_that_only_guess_are_not_compared() -> None:
    found = cells_of([SETTING], results([0.13, 0.13, 0.13], [0.13, 0.13, 0.13]))
    assert found[0].task == "scale"
    assert found[0].standing == "at chance"
    assert verdicts(found, quick=False)[0].holds == "not testable here"


def test_a_rehearsal_gives_no_verdict() -> None:
    (verdict,) = verdicts(cells_of([SETTING], results([0.5], [0.9])), quick=True)
    assert verdict.holds == "not testable here"
    assert "rehearsal" in verdict.why


def test_a_network_that_failed_takes_its_seed_with_it() -> None:
    made = results([0.70, 0.71, 0.72], [0.75, 0.76, 0.77])
    made[-1] = replace(made[-1], accuracy={}, failed="FloatingPointError: no number")
    found = cells_of([SETTING], made)
    assert [cell.accuracy.gain.count for cell in found] == [2, 2]
    assert found[0].accuracy.single.count == 3
