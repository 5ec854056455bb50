"""The verdict on accuracy, on results made up to fall either way."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from testbed.paper.accuracy.compare import cells_of, multi_task, verdicts
from testbed.paper.training.trials import TrialResult
from tests.testbed.paper.small_trials import FLAT, RISING, TRIAL, trained

SETTING = replace(TRIAL, tasks=(), seed=0)
ALONE = (0.70, 0.71, 0.72, 0.70, 0.71)


def results(
    single: Sequence[float],
    multi: Sequence[float],
    curve: Sequence[float] = FLAT,
    multi_curve: Sequence[float] = FLAT,
    guessing: float = 0.25,
) -> list[TrialResult]:
    """For seeds 1, 2, ...: both tasks alone as accurate as `single`, together as `multi`."""
    made = []
    for seed, (alone, together) in enumerate(zip(single, multi, strict=True), 1):
        trial = replace(TRIAL, seed=seed)
        made += [trained(trial, {task: alone}, curve, guessing) for task in TRIAL.tasks]
        made.append(trained(trial, dict.fromkeys(TRIAL.tasks, together), multi_curve, guessing))
    return made


def words(made: Sequence[TrialResult]) -> list[str]:
    return [verdict.word for verdict in verdicts(cells_of([SETTING], made), quick=False)]


@pytest.mark.parametrize(
    ("multi", "expected"),
    [
        ([0.75, 0.76, 0.77, 0.75, 0.76], "holds"),
        ([0.60, 0.61, 0.62, 0.60, 0.61], "does not hold"),
        ([0.50, 0.71, 0.90, 0.71, 0.71], "undecided"),
        ([0.695, 0.705, 0.715, 0.695, 0.705], "holds"),  # half a point less, for certain
    ],
)
def test_the_verdict_follows_the_figures(multi: list[float], expected: str) -> None:
    assert words(results(ALONE, multi)) == [expected]


@pytest.mark.parametrize(
    "made",
    [
        results(ALONE, [0.1] * 5, curve=RISING),
        results(ALONE, [0.1] * 5, multi_curve=RISING),
        results(ALONE, [0.1] * 5, curve=()),
        results(ALONE, ALONE, curve=RISING, multi_curve=RISING),
        results(ALONE, [0.1, 0.11, 0.12, 0.1, 0.1]),  # together they only guess
        results([0.1] * 5, [0.1] * 5, guessing=0.1),
        results(ALONE[:4], [0.5] * 4),
        results(ALONE[:1], [0.5]),
    ],
)
def test_networks_that_have_not_learnt_give_no_verdict(made: list[TrialResult]) -> None:
    assert words(made) == ["undertrained"]


def test_targets_at_their_ceiling_alone_give_no_verdict() -> None:
    assert words(results([0.99] * 5, [0.9, 0.91, 0.9, 0.91, 0.9])) == ["undecided"]


def test_equal_compute_is_as_many_times_the_steps_as_tasks() -> None:
    longer = multi_task(SETTING, "equal compute")
    assert (longer.tasks, longer.steps) == (TRIAL.tasks, 2 * SETTING.steps)
    made = results(ALONE, [0.60, 0.61, 0.62, 0.60, 0.61])
    made += [
        trained(replace(longer, seed=seed), dict.fromkeys(TRIAL.tasks, 0.8), FLAT, 0.25)
        for seed in range(1, 6)
    ]
    cells = cells_of([SETTING], made)
    assert [cell.fairness for cell in cells] == ["equal steps"] * 2 + ["equal compute"] * 2
    assert words(made) == ["does not hold", "holds"]


def test_a_rehearsal_gives_no_verdict() -> None:
    (verdict,) = verdicts(cells_of([SETTING], results([0.5], [0.9])), quick=True)
    assert verdict.word == "not testable here"
    assert "rehearsal" in verdict.why


def test_a_network_that_failed_takes_its_seed_with_it() -> None:
    made = results(ALONE, [0.75, 0.76, 0.77, 0.75, 0.76])
    made[-1] = replace(made[-1], accuracy={}, failed="FloatingPointError: no number")
    found = cells_of([SETTING], made)
    assert [cell.accuracy.gain.count for cell in found] == [4, 4]
    assert found[0].accuracy.single.count == 5
