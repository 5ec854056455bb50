"""The rule on curves made up: which arms have learnt, and what the others are missing."""

import numpy as np
import pytest

from testbed.paper.training.plateau import STILL_GAINS, Curve, gained, learning, upper_bound

SEEDS = 5
STEPS = np.arange(1, 21) * 750


def curve(late_gain: float, seed: int = 0, wobble: float = 0.0) -> Curve:
    """Rises to 90 % within a third, then by `late_gain` points a third of the training."""
    random = np.random.default_rng(seed)
    values = np.where(STEPS < 5_000, 90 * STEPS / 5_000, 90 + late_gain * (STEPS - 5_000) / 5_000)
    return list(zip(STEPS.tolist(), (values + wobble * random.standard_normal(20)), strict=True))


def arm(late_gain: float, wobble: float, seeds: int = SEEDS) -> list[Curve]:
    return [curve(late_gain, seed, wobble) for seed in range(seeds)]


@pytest.mark.parametrize("late_gain", [-2.0, 0.0, 0.4, 3.0])
def test_the_gain_is_that_of_the_line_over_a_third_of_the_steps(late_gain: float) -> None:
    assert gained(curve(late_gain)) == pytest.approx(late_gain, abs=1e-9)


def test_what_came_before_the_last_third_does_not_count() -> None:
    changed = [(step, 0.0 if step < 10_000 else value) for step, value in curve(0.3)]
    assert gained(changed) == pytest.approx(0.3, abs=1e-9)


def test_too_few_evaluations_make_no_line() -> None:
    assert gained([]) is None
    assert gained(curve(0.0)[-6::3]) is None


def test_the_bound_by_hand() -> None:
    # Mean 2, standard error 1/sqrt(3), t(0.95, 2) = 2.919986.
    assert upper_bound([1.0, 2.0, 3.0]) == pytest.approx(2 + 2.919986 / 3**0.5, rel=1e-6)
    assert upper_bound([1.0]) is None


def test_a_flat_arm_has_learnt() -> None:
    found = learning(arm(0.0, wobble=0.1), [90.0, 90.2, 89.9, 90.1, 90.3], guessing=25.0)
    assert found.learnt and found.at_most is not None and found.at_most < STILL_GAINS


def test_an_arm_that_falls_has_no_more_to_gain() -> None:
    assert learning(arm(-1.0, wobble=0.1), [90.0, 90.2, 89.9, 90.1, 90.3], 25.0).learnt


@pytest.mark.parametrize(
    ("curves", "accuracy", "said"),
    [
        (arm(2.0, 0.1), [90, 91, 92, 90, 91], "gained +2.0 points over the last third"),
        (arm(0.0, 3.0), [90, 91, 92, 90, 91], "points over the last third (at most"),
        (arm(0.0, 0.1), [12, 13, 12.5, 12.6, 12.4], "no better than guessing (12.5 %)"),
        (arm(0.0, 0.1), [10, 95, 95, 10, 10], "no better than guessing"),
        (arm(0.0, 0.1, seeds=4), [90, 91, 92, 90], "4 seed(s) of at least 5"),
        (arm(0.0, 0.1, seeds=1), [90], "1 seed(s) of at least 5"),
        ([[]] * 5, [90, 91, 92, 90, 91], "no learning curve was kept"),
        ([*arm(0.0, 0.1, seeds=4), []], [90, 91, 92, 90, 91], "no learning curve was kept"),
    ],
)
def test_what_has_not_learnt_says_why(
    curves: list[Curve], accuracy: list[float], said: str
) -> None:
    missing = learning(curves, accuracy, guessing=12.5).missing
    assert missing is not None and said in missing


def test_one_network_that_still_learns_keeps_its_arm_from_the_plateau() -> None:
    curves = [*arm(0.0, 0.05, seeds=4), curve(6.0)]
    assert not learning(curves, [90, 91, 92, 90, 91], guessing=12.5).learnt


def test_as_few_arms_that_still_gain_pass_as_promised() -> None:
    random = np.random.default_rng(3)
    gains = STILL_GAINS + random.normal(0, 0.4, (4_000, SEEDS))
    passed = np.mean([(upper_bound(row.tolist()) or 9) < STILL_GAINS for row in gains])
    assert 0.04 < passed < 0.06
