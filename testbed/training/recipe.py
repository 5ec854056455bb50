"""How a network is trained: which network, from what, and with which numbers. Imports no torch.

The defaults are MTL-Split's recipe (Capogrosso et al., 2024) where the paper or its code fixes a
value: AdamW with weight decay lr/100, the learning rate divided by ten half-way, the unweighted sum
of the tasks' cross-entropies, seed 1234. Published runs take 30 epochs at lr 1e-4 and batch 32; the
defaults here (lr 1e-3, batch 64, 5,000 steps) train from scratch on one core in a quarter of an
hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from testbed.errors import BadInput

WEIGHT_DECAY_SHARE = 0.01
"""Weight decay as a share of the learning rate, as published."""

RATE_DROP = 0.1
"""What the learning rate is multiplied by half-way, as published."""

INITS, WEIGHTS = ("random", "imagenet"), ".safetensors"
Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True)
class Recipe:
    """Everything but the data that decides what a training run ends in.

    backbone: a name in `model.mtl.BACKBONES`. tasks: task -> number of classes. input_px: side of
    the network's input. steps: optimiser steps of `batch` images each. lr: learning rate of the
    first half. seed: of initial weights, data order, dropout and noise. hidden, dropout: of the
    task heads. init: "random", "imagenet" for a backbone with torchvision's weights, or a file of
    weights, of whose backbone it begins. threads: torch's. device: "auto" takes a GPU where there
    is one.

    Raises BadInput for values that no run can have.
    """

    backbone: str
    tasks: Mapping[str, int]
    input_px: int = 64
    steps: int = 5000
    batch: int = 64
    lr: float = 1e-3
    seed: int = 1234
    hidden: int = 256
    dropout: float = 0.1
    init: str = "random"
    threads: int = 1
    device: Device = "auto"

    def __post_init__(self) -> None:
        if not self.tasks:
            raise BadInput("tasks: found none, allowed: at least one")
        # Batch normalisation cannot learn from one value a channel.
        least = {"input_px": 1, "steps": 1, "batch": 2, "hidden": 1, "threads": 1, "seed": 0}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise BadInput(f"{name}: found {getattr(self, name)}, allowed: at least {bound}")
        if not 0 < self.lr < 1:
            raise BadInput(f"lr: found {self.lr}, allowed: above 0 and below 1")
        if not 0 <= self.dropout < 1:
            raise BadInput(f"dropout: found {self.dropout}, allowed: at least 0 and below 1")
        if self.init not in INITS and not self.init.endswith(WEIGHTS):
            allowed = f"{', '.join(INITS)}, or a file that ends in {WEIGHTS}"
            raise BadInput(f"init: found {self.init!r}, allowed: {allowed}")
        if self.device not in get_args(Device):
            allowed = ", ".join(get_args(Device))
            raise BadInput(f"device: found {self.device!r}, allowed: {allowed}")
