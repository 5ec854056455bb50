"""Sizes of images and features, computed on torch's meta device: no arithmetic, no such memory."""

from dataclasses import dataclass
from functools import cache
from math import prod

import torch

from testbed.model.mtl import BACKBONES

CHANNELS = 3
FLOAT32_BYTES = 4
VALUE_BYTES = {"float32": FLOAT32_BYTES, "float16": 2, "uint8": 1}


@dataclass(frozen=True)
class Size:
    """Height and width of an image, in pixels."""

    height: int
    width: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def values(self) -> int:
        """Numbers in one RGB image; as uint8 also its bytes."""
        return self.height * self.width * CHANNELS


PUBLISHED_INPUT = Size(224, 224)
SHAPES_INPUT = Size(64, 64)
FACES_CAMERA = Size(3543, 2835)
"""What FACES's camera took: 2835 wide, 3543 high."""


@cache
def feature_shape(backbone: str, size: Size) -> tuple[int, int, int]:
    """Shape (C, h, w) of what a backbone makes of one image. Raises KeyError when unknown."""
    with torch.device("meta"), torch.inference_mode():
        shared = BACKBONES[backbone]().eval()
        shape = shared(torch.empty(1, CHANNELS, size.height, size.width)).shape
    return int(shape[1]), int(shape[2]), int(shape[3])


def feature_values(backbone: str, size: Size) -> int:
    """Numbers in the features of one image."""
    return prod(feature_shape(backbone, size))
