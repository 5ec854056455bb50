"""A trial for tests, work that trains nothing, and results made up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from testbed.paper.training.trial import Trial
from testbed.paper.training.trials import TrialResult

TRIAL = Trial(
    tasks=("scale", "shape"),
    seed=1,
    noise="code",
    train_images=64,
    validation_images=32,
    test_images=64,
    steps=4,
    batch=8,
    looks=2,
)
FLAT = (0.2, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6)
"""A validation curve that has come to its end."""
RISING = tuple(0.1 * number for number in range(1, 10))


def by_arithmetic(places: object, trial: Trial, state: Path) -> dict[str, Any]:
    """An accuracy for each task that depends on the trial alone; seed 13 fails."""
    if trial.seed == 13:
        raise FloatingPointError("the loss\nis no number")
    accuracy = {task: trial.seed / 100 + at / 10 for at, task in enumerate(trial.tasks)}
    guessing = dict.fromkeys(trial.tasks, 0.25)
    return {"accuracy": accuracy, "guessing": guessing, "curve": {"step": []}, "training_s": 1.0}


def trained(
    trial: Trial,
    accuracy: Mapping[str, float],
    curve: Sequence[float] = FLAT,
    guessing: float = 0.125,
) -> TrialResult:
    """As if that had come out; the same curve for each task."""
    steps = [trial.steps * at / len(curve) for at in range(1, len(curve) + 1)]
    return TrialResult(
        replace(trial, tasks=tuple(accuracy)),
        accuracy,
        1.0,
        guessing=dict.fromkeys(accuracy, guessing),
        curve={"step": steps, **dict.fromkeys(accuracy, curve)},
    )
