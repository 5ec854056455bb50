"""What the two studies of the six factors of 3D Shapes share: order, setting, groups of tasks.

One setting for both, so what one of them trained the other finds.
"""

from dataclasses import replace

from testbed.errors import BadInput
from testbed.paper.options import StudyOptions
from testbed.paper.training.trial import QUICK, Trial

ORDER = ("scale", "shape", "orientation", "object_hue", "wall_hue", "floor_hue")
"""The paper's two tasks first, then the other four."""

_SETTING = Trial(noise="paper", steps=500, batch=64, test_from="train")

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
    backbones = options.backbones or (_SETTING.backbone,)
    if len(backbones) > 1:
        raise BadInput(f"--backbone: found {', '.join(backbones)}, allowed in this study: one")
    path = options.data.get(_SETTING.dataset)
    found = replace(_SETTING, backbone=backbones[0], source=path.name if path else _SETTING.source)
    return replace(found, **QUICK) if options.quick else found


def trials(options: StudyOptions, groups: list[tuple[str, ...]]) -> list[Trial]:
    """One for each seed and group of tasks trained together."""
    return [
        replace(setting(options), tasks=group, seed=seed)
        for seed in options.seeds
        for group in groups
    ]
