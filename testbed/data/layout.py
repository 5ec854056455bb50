"""Where in a picture of a collage its things are, how large, and in which colours.

All of it in shares of the picture, which is 16 : 9: a small picture of a sample shows what a large
one does, and one of another shape shows it squeezed. Random numbers come from one generator a
sample; they are only added, multiplied and compared.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from testbed.config.frame import Frame, sides
from testbed.data.factors import FACTORS

SHAPE = (16, 9)
"""Width and height of every picture, as cameras have them."""

DIGIT_HEIGHT, SOLID_HEIGHT = (0.08, 0.19), (0.22, 0.45)
"""From least to largest, in shares of the picture's height. A digit with the empty field around it:
itself it is five sevenths as high."""

_CROP = (0.55, 1.0)  # of the largest part of a photograph that has the shape
_MARGIN = 0.02  # between things, and between them and the picture's edge
_CONTRAST, _TINT = (90, 160), 36  # 8-bit levels
_EXPOSURE = (224, 288)  # 256ths


class Box(NamedTuple):
    """A rectangle in shares of a width and a height: of a picture or of a photograph."""

    left: float
    top: float
    width: float
    height: float

    def within(self, frame: Frame) -> tuple[int, int, int, int]:
        """In whole pixels, as Pillow has boxes; at least one pixel each way."""
        width, height = sides(frame)
        left, top = round(self.left * width), round(self.top * height)
        wide, high = max(1, round(self.width * width)), max(1, round(self.height * height))
        left, top = max(0, min(left, width - wide)), max(0, min(top, height - high))
        return left, top, min(width, left + wide), min(height, top + high)

    def scaled(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """In pixels and their fractions, left, top, right and bottom within a width and height."""
        wide, high = size
        right, bottom = (self.left + self.width) * wide, (self.top + self.height) * high
        return self.left * wide, self.top * high, min(right, wide), min(bottom, high)

    def part(self, inner: "Box") -> "Box":
        """`inner`, which is in shares of this box, in what this box is in shares of."""
        return Box(
            self.left + inner.left * self.width,
            self.top + inner.top * self.height,
            inner.width * self.width,
            inner.height * self.height,
        )

    def meets(self, other: "Box", gap: float) -> bool:
        """Whether two boxes overlap or are nearer to each other than `gap`."""
        return (
            self.left < other.left + other.width + gap
            and other.left < self.left + self.width + gap
            and self.top < other.top + other.height + gap
            and other.top < self.top + self.height + gap
        )


class Layout(NamedTuple):
    """One sample. crop: of the photograph, before it is mirrored. hue, orientation: factor indices.

    contrast: levels between the digit and what is behind it. tint: added to its red, green, blue.
    exposure: in 256ths.
    """

    ground: int
    crop: Box
    mirrored: bool
    orientation: int
    hue: int
    solid: Box
    digit: Box
    contrast: int
    tint: tuple[int, ...]
    exposure: int


def draw_layout(
    random: np.random.Generator, photos: Sequence[Pillow.Image], aspect: Callable[[int], float]
) -> Layout:
    """A layout. `photos`: to choose from. `aspect`: the solid's width over its height, by its
    orientation.
    """
    ground = int(random.integers(len(photos)))
    crop = _crop(random, photos[ground])
    mirrored = bool(random.integers(2))
    orientation, hue = (int(random.integers(FACTORS[of])) for of in ("orientation", "object_hue"))
    solid = _placed(random, SOLID_HEIGHT, aspect(orientation))
    digit = _placed(random, DIGIT_HEIGHT, 1.0)
    while digit.meets(solid, _MARGIN):
        digit = _placed(random, DIGIT_HEIGHT, 1.0)
    contrast = int(random.integers(*_CONTRAST))
    tint = tuple(random.integers(-_TINT, _TINT + 1, 3).tolist())
    exposure = int(random.integers(*_EXPOSURE))
    return Layout(ground, crop, mirrored, orientation, hue, solid, digit, contrast, tint, exposure)


def _crop(random: np.random.Generator, photo: Pillow.Image) -> Box:
    """A part of the photograph that has the picture's shape, in shares of the photograph."""
    wide, high = SHAPE
    width = min(photo.width, photo.height * wide / high) * _between(random, _CROP)
    across, down = width / photo.width, width * high / wide / photo.height
    return Box(random.random() * (1 - across), random.random() * (1 - down), across, down)


def _placed(random: np.random.Generator, heights: tuple[float, float], aspect: float) -> Box:
    """Somewhere in the picture, that high; `aspect`: width over height as one sees it."""
    height = _between(random, heights)
    width = height * aspect * SHAPE[1] / SHAPE[0]
    left = _MARGIN + random.random() * (1 - width - 2 * _MARGIN)
    return Box(left, _MARGIN + random.random() * (1 - height - 2 * _MARGIN), width, height)


def _between(random: np.random.Generator, least_and_most: tuple[float, float]) -> float:
    least, most = least_and_most
    return least + random.random() * (most - least)
