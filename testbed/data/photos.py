"""Photographs in files: opening one, and what MEDIC and FACES are once their labels are read."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import Dataset, Image, Indices
from testbed.errors import BadInput

# What Pillow raises on files that are damaged, too large, or something else than their suffix says.
UNREADABLE = (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError)


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
        return self._files[self.check(index)].name

    def _read(self, indices: Indices) -> Image:
        return np.stack([self._camera.see(self._photo(i), i) for i in indices.tolist()])

    def _photo(self, index: int) -> Image:
        file = self._files[index]
        try:
            return np.asarray(open_upright(file))
        except UNREADABLE as error:
            raise BadInput(
                f"{self.name}: {file}: found {reason(error)}, allowed: a picture"
            ) from error


def open_upright(file: Path) -> Pillow.Image:
    """Decode as RGB and turn upright. Raises one of `UNREADABLE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)  # large is allowed
        with Pillow.open(file) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")


def reason(error: Exception) -> str:
    """Why a file could not be read, in a few words and without its path."""
    if isinstance(error, UnidentifiedImageError):
        return "no picture Pillow knows"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0] or type(error).__name__
