"""One point of a study: a network to train and test, and the name its result is kept under."""

import ast
import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import testbed
from testbed.data.factors import Split
from testbed.model.mtl import BACKBONES
from testbed.training.recipe import Init

_DECIDING = (
    "data/*.py",
    "model/*.py",
    "training/*.py",
    "reproduce/training/fit.py",
    "reproduce/training/conflict.py",
)
"""Code that decides what a point's accuracies are."""

_RELATIVE_COST = {"efficientnet_b0": 4.0, "vgg16": 8.0, "vgg16_bn": 8.0, "resnet18": 3.0}
"""Time of a training step on one core as a multiple of MobileNetV3-Small's; for forecasts only."""


@dataclass(frozen=True)
class Point:
    """What decides the result of one training.

    dataset: a name in `data.catalog.DATASETS`. source: "generated", or the name of the files that
    were given. tasks: those trained together, in order. noise: a name in `data.noise.NOISES`, on
    training and test images. train_images, test_images: how many, the same ones for every seed.
    steps, batch, lr, init: as in `training.recipe.Recipe`. test_from: the split test images are
    of; "train" takes some that are not trained on.
    """

    dataset: str
    source: str
    backbone: str
    tasks: tuple[str, ...]
    seed: int
    noise: str
    input_px: int
    train_images: int
    test_images: int
    steps: int
    batch: int
    lr: float
    init: Init = "random"
    test_from: Split = "test"

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            raise ValueError(f"backbone: found {self.backbone!r}")

    @property
    def digest(self) -> str:
        """Name of its result: equal for equal points trained by equal code and torch."""
        known = [asdict(self), code_digest(), version("torch").partition("+")[0]]
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def cost(self) -> float:
        """Its training time relative to others'."""
        pixels = self.steps * self.batch * self.input_px**2
        return pixels * _RELATIVE_COST.get(self.backbone, 1.0)

    @property
    def label(self) -> str:
        """What progress calls it."""
        return f"{self.dataset} {self.backbone} {'+'.join(self.tasks)} seed {self.seed}"

    def as_row(self) -> dict[str, Any]:
        """Its fields for a table, tasks as one word."""
        return asdict(self) | {"tasks": "+".join(self.tasks)}


@cache
def code_digest() -> str:
    """Digest of the code that decides results; comments and layout do not count."""
    digest = hashlib.sha256()
    root = Path(testbed.__file__).parent
    for pattern in _DECIDING:
        for file in sorted(root.glob(pattern)):
            digest.update(file.relative_to(root).as_posix().encode())
            digest.update(ast.dump(ast.parse(file.read_bytes())).encode())
    return digest.hexdigest()
