"""The last step before a backbone: from inputs in -1..1 to the range its weights were trained on.

It belongs to the network, so whoever feeds one (a half, a training loop, a study) gives every
network the same inputs, those of `preprocess.to_input`. The values travel with the weights: they
are in the file, in its card and in the digest that two halves compare.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

NORMALISATIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "half": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
        "imagenet": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    }
)
"""Name -> mean and std of R, G, B in 0..1: a backbone sees (value / 255 - mean) / std.

"imagenet" is what torchvision's ImageNet weights were trained with. MTL-Split's published code
starts from those weights for FACES and gives them plain 0..1 values, without any normalisation;
here they get what they were made for.
"""


def normalisation(name: str) -> nn.Module:
    """The step called `name`: none at all for "half", which is what inputs already are."""
    return nn.Identity() if name == "half" else Normalise(**NORMALISATIONS[name])


class Normalise(nn.Module):
    """Inputs (N, 3, H, W) in -1..1 -> the same images, normalised by `mean` and `std`."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("std", torch.tensor(std))

    def forward(self, images: Tensor) -> Tensor:
        """((x + 1) / 2 - mean) / std, as one multiplication and one addition."""
        scale = (0.5 / self.std)[:, None, None]
        shift = ((0.5 - self.mean) / self.std)[:, None, None]
        return images * scale + shift
