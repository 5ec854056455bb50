"""Points for tests, and work that trains nothing, where other processes can import it."""

import os

from testbed.reproduce.training.point import Point

POINT = Point(
    dataset="shapes3d",
    source="generated",
    backbone="mobilenet_v3_small",
    tasks=("scale", "shape"),
    seed=1,
    noise="code",
    input_px=32,
    train_images=64,
    test_images=64,
    steps=2,
    batch=8,
    lr=1e-3,
)


def by_arithmetic(point: Point) -> dict[str, float]:
    """An accuracy for each task that depends on the point alone; seed 13 fails, 99 kills."""
    if point.seed == 13:
        raise FloatingPointError("the loss\nis no number")
    if point.seed == 99:
        os._exit(1)
    return {task: point.seed / 100 + at / 10 for at, task in enumerate(point.tasks)}
