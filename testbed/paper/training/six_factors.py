"""What the two studies of the six factors of 3D Shapes share: order, setting, groups of tasks.

One setting for both, so what one of them trained the other finds.
"""

from dataclasses import replace
from typing import Any

from testbed.errors import BadInput
from testbed.paper.options import StudyOptions
from testbed.paper.training.trial import Trial

ORDER = ("scale", "shape", "orientation", "object_hue", "wall_hue", "floor_hue")
"""The paper's two tasks first, then the other four."""

BACKBONE = "mobilenet_v3_small"

_FULL = Trial(
    dataset="shapes3d",
    source="generated",
    backbone=BACKBONE,
    tasks=(),
    seed=0,
    noise="paper",
    input_px=32,
    train_images=10_000,
    test_images=5_000,
    steps=500,
    batch=64,
    lr=1e-3,
    test_from="train",
)
_QUICK: dict[str, Any] = {"train_images": 512, "test_images": 512, "steps": 12, "batch": 16}

TEST_IMAGES = (
    "Test images are held out of the published train split. In the published test split floor and "
    "wall hue are both 5 or more, which never happens in training: for these two tasks it is "
    "another question, and a network that learns to expect of one what the other allows is wrong "
    "on every image."
)


def setting(options: StudyOptions) -> Trial:
    """The trial that all of these studies are made from, without tasks and seed.

    Raises BadInput for more than one backbone.
    """
    backbones = options.backbones or (BACKBONE,)
    if len(backbones) > 1:
        raise BadInput(f"--backbone: found {', '.join(backbones)}, allowed in this study: one")
    path = options.data.get(_FULL.dataset)
    found = replace(_FULL, backbone=backbones[0], source=path.name if path else _FULL.source)
    return replace(found, **_QUICK) if options.quick else found


def trials(options: StudyOptions, groups: list[tuple[str, ...]]) -> list[Trial]:
    """One for each seed and group of tasks trained together."""
    return [
        replace(setting(options), tasks=group, seed=seed)
        for seed in options.seeds
        for group in groups
    ]
