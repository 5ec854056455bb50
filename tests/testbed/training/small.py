"""Little data that a network can learn, for tests of training."""

import numpy as np

from testbed.training.batches import Arrays
from testbed.training.recipe import Recipe

TASKS = {"side": 2, "tone": 3}


def arrays(count: int, px: int = 32, seed: int = 0) -> Arrays:
    """Pictures with a bright left or right half ("side") in one of three tones ("tone")."""
    random = np.random.default_rng(seed)
    side, tone = random.integers(0, 2, count), random.integers(0, 3, count)
    images = random.integers(0, 40, (count, px, px, 3)).astype(np.uint8)
    for image, right, channel in zip(images, side, tone, strict=True):
        image[:, px // 2 * right :][:, : px // 2, channel] += 200
    return Arrays(images, {"side": side, "tone": tone})


def recipe(steps: int = 6, **changes: object) -> Recipe:
    """MobileNetV3-Small at 32 px in batches of 8."""
    values = {"steps": steps, "batch": 8, "input_px": 32, "hidden": 16} | changes
    return Recipe("mobilenet_v3_small", TASKS, **values)  # type: ignore[arg-type]
