"""From 8-bit images to a network's inputs, -1..1, and on to the range its weights were trained on.

The second step belongs to the network, so whoever feeds one (a half, a training loop, a study)
gives every network the same inputs. Its values travel with the weights: they are in the file, in
its card and in the digest that two halves compare.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

NORMALISATIONS: Mapping[str, Mapping[str, Any]] = {
    "half": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
    "imagenet": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    "efficientnet_lite": {"mean": [127 / 255] * 3, "std": [128 / 255] * 3},
}
"""Name -> mean and std of R, G, B in 0..1: a backbone sees (value / 255 - mean) / std.

"imagenet" is what torchvision's ImageNet weights were trained with; MTL-Split's published code
starts from those weights for FACES and gives them plain 0..1 values, without any normalisation;
here they get what they were made for. "efficientnet_lite" is (value - 127) / 128, as the weights of
EfficientNet-Lite were.
"""


def to_input(images: NDArray[np.uint8], device: torch.device | str = "cpu") -> Tensor:
    """Images (N, H, W, 3) -> float32 (N, 3, H, W) in -1..1, on `device`, laid out channels last.

    The layout is the images' own, so nothing is copied but the bytes that cross to the device, and
    convolutions train faster in it.
    """
    planes = torch.from_numpy(images).to(device).permute(0, 3, 1, 2)
    return planes.float().mul_(1 / 127.5).sub_(1)


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
