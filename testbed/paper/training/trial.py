"""One trial of a study: a network to train and test; and those of the six factors of 3D Shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from testbed.data.factors import Split
from testbed.errors import BadInput
from testbed.paper.options import StudyOptions

_RELATIVE_COST = {"efficientnet_b0": 4.0, "vgg16": 8.0, "vgg16_bn": 8.0, "resnet18": 3.0}
"""Time of a training step on one core as a multiple of MobileNetV3-Small's; for forecasts only."""


QUICK: Mapping[str, Any] = {
    "input_px": 32,
    "train_images": 512,
    "validation_images": 256,
    "test_images": 512,
    "steps": 12,
    "batch": 16,
    "looks": 4,
}
"""What differs in a rehearsal."""


@dataclass(frozen=True)
class Trial:
    """What decides the result of one training.

    dataset: a name in `data.catalog.DATASETS`. source: "generated", or the name of the files that
    were given. tasks: those trained together, in order. noise: as in `data.noise.noise_named`, on
    all images. train_images, validation_images, test_images: how many, the same ones for every
    seed and none in two. steps, batch, lr, init: as in `training.recipe.Recipe`. test_from: the
    split test images are of; validation images are always of the training split. looks: evaluations
    on the way, of which the learning curve is made. device: "cpu" or "cuda", whose results differ
    in their last digits.
    """

    dataset: str = "shapes3d"
    source: str = "generated"
    backbone: str = "mobilenet_v3_small"
    tasks: tuple[str, ...] = ()
    seed: int = 0
    noise: str = "none"
    input_px: int = 32
    train_images: int = 10_000
    validation_images: int = 2_000
    test_images: int = 5_000
    steps: int = 5_000
    batch: int = 64
    lr: float = 1e-3
    init: str = "random"
    test_from: Split = "test"
    looks: int = 20
    device: Literal["cpu", "cuda"] = "cpu"

    @property
    def cost(self) -> float:
        """Its training time relative to others'."""
        pixels = self.steps * self.batch * self.input_px**2
        return pixels * _RELATIVE_COST.get(self.backbone, 1.0)

    @property
    def label(self) -> str:
        """What progress calls it."""
        return f"{self.dataset} {self.backbone} {'+'.join(self.tasks)} seed {self.seed}"


def grid(setting: Trial, seeds: Sequence[int], groups: Sequence[tuple[str, ...]]) -> list[Trial]:
    """A trial for each seed and group of tasks trained together, in this order."""
    return [replace(setting, tasks=tasks, seed=seed) for seed in seeds for tasks in groups]


SIX_FACTORS = ("scale", "shape", "orientation", "object_hue", "wall_hue", "floor_hue")
"""The paper's two tasks first, then the other four."""

_SIX_FACTORS = Trial(noise="code", train_images=100_000, test_from="train")

TEST_IMAGES = (
    "Test images are held out of the published train split. In the published test split floor and "
    "wall hue are both 5 or more, which never happens in training: for these two tasks it is "
    "another question, and a network that learns to expect of one what the other allows is wrong "
    "on every image."
)


def as_asked(setting: Trial, options: StudyOptions) -> Trial:
    """A study's own setting, with what the user wants otherwise; a rehearsal is always small."""
    path = options.data.get(setting.dataset)
    setting = replace(setting, device=options.device, source=path.name if path else setting.source)
    asked = {"steps": options.steps, "noise": options.noise, "lr": options.lr}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    setting = replace(setting, **given)
    return replace(setting, **QUICK) if options.quick else setting


def six_factors(options: StudyOptions) -> Trial:
    """The trial that both studies of the six factors are made from, without tasks and seed.

    One setting for both, so what one of them trained the other finds. Raises BadInput for more than
    one backbone.
    """
    backbones = options.backbones or (_SIX_FACTORS.backbone,)
    if len(backbones) > 1:
        raise BadInput(f"--backbone: found {', '.join(backbones)}, allowed in this study: one")
    return as_asked(replace(_SIX_FACTORS, backbone=backbones[0]), options)
