"""Photographs in files: opening one, and what MEDIC and FACES are once their labels are read."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import Dataset, Image, Indices
from testbed.errors import BadInput, one_line
from testbed.storage.files import shown

UNREADABLE = Exception
"""What Pillow raises on files that are damaged, too large, or something else than their suffix
says: whatever its parsers trip over, struct.error and TypeError among it."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
"""What a file may hold, whatever it is called. Others of Pillow's run programs, or are no pictures
that anybody takes."""

PAPER = (255, 255, 255)
"""What is seen through transparent parts: white, as in most viewers."""

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""EXIF's orientation -> how such a picture is turned (Exif 2.32, tag 0x0112)."""


class Photos(Dataset):
    """One split of a data set of photographs."""

    def __init__(
        self,
        name: str,
        files: Sequence[Path],
        classes: Classes,
        labels: Mapping[str, Indices],
        camera: Camera,
        notes: Mapping[str, Any],
    ) -> None:
        """`labels`: one a file; `notes` go into `describe`.

        A camera with a size squeezes every photograph into it, as MTL-Split does.
        """
        about = {"images": "file", **notes, **camera.describe()}
        super().__init__(name, len(files), about, classes, labels)
        self._files, self._camera = files, camera

    def sample_name(self, index: int) -> str:
        """The file's name."""
        return shown(self._files[self.check(index)].name)

    def _read(self, indices: Indices) -> Image:
        return np.stack([self._camera.see(self._photo(i), i) for i in indices.tolist()])

    def _photo(self, index: int) -> Image:
        file = self._files[index]
        try:
            return np.asarray(open_upright(file))
        except UNREADABLE as error:
            raise BadInput(
                f"{self.name}: {shown(file)}: found {reason(error)}, allowed: a picture"
            ) from error


def open_upright(file: Path) -> Pillow.Image:
    """Decode as RGB and turn upright; of an animation the first picture. Raises `UNREADABLE`."""
    with opened(file) as picture:
        turn = _UPRIGHT.get(_orientation(picture))
        rgb = _as_rgb(picture)
        return rgb if turn is None else rgb.transpose(turn)


def opened(file: Path) -> Pillow.Image:
    """The file's header read, and nothing decoded yet. Raises `UNREADABLE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large is allowed, and odd metadata no matter
        return Pillow.open(file, formats=FORMATS)


def _orientation(picture: Pillow.Image) -> Any:
    """What the metadata say, if they say anything that can be read."""
    with suppress(UNREADABLE):
        orientation = picture.getexif().get(_ORIENTATION)
        hash(orientation)
        return orientation
    return None


def _as_rgb(picture: Pillow.Image) -> Pillow.Image:
    """In 8 bits a colour. Grey of 16 bits is scaled, what is transparent lies on white."""
    if picture.mode.startswith("I"):
        grey = np.asarray(picture).astype(np.int64).clip(0, 2**16 - 1)
        picture = Pillow.fromarray(((grey + 128) // 257).astype(np.uint8))
    if picture.has_transparency_data:
        over = picture.convert("RGBA")
        picture = Pillow.alpha_composite(Pillow.new("RGBA", over.size, (*PAPER, 255)), over)
    return picture.convert("RGB")


def reason(error: Exception) -> str:
    """Why a file could not be read, in a few words and without its path."""
    if isinstance(error, UnidentifiedImageError):
        return "no picture Pillow knows"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return one_line(error) or type(error).__name__
