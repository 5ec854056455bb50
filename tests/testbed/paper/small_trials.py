"""A trial for tests, and work that trains nothing."""

from testbed.paper.training.trial import Trial

TRIAL = Trial(
    tasks=("scale", "shape"),
    seed=1,
    noise="code",
    train_images=64,
    test_images=64,
    steps=2,
    batch=8,
)


def by_arithmetic(data: object, trial: Trial) -> dict[str, float]:
    """An accuracy for each task that depends on the trial alone; seed 13 fails."""
    if trial.seed == 13:
        raise FloatingPointError("the loss\nis no number")
    return {task: trial.seed / 100 + at / 10 for at, task in enumerate(trial.tasks)}
