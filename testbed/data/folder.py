"""The user's own folder of pictures as a data set without labels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from testbed.data.classes import Classes
from testbed.data.dataset import Image
from testbed.data.pictures import UNREADABLE, open_upright, reason
from testbed.errors import BadInput
from testbed.storage.files import reading

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


class PictureFolder:
    """JPEG, PNG and WebP files of one folder (not of folders below it), in order of their names.

    Every file is opened once at the start; `skipped` holds what could not be read, as
    (file name, reason). Pictures are turned upright, cropped to the central square and resized
    to `camera_px`.
    """

    name = "folder"
    tasks: Mapping[str, int]
    class_names: Classes

    def __init__(self, folder: Path, camera_px: int = 720) -> None:
        """Raises BadInput for a missing folder, one without readable pictures, or camera_px < 1."""
        if not folder.is_dir():
            found = "a file" if folder.exists() else "nothing"
            raise BadInput(f"images: {folder}: found {found}, allowed: a folder of pictures")
        if camera_px < 1:
            raise BadInput(f"camera_px: found {camera_px}, allowed: at least 1")
        self.folder, self.camera_px = folder, camera_px
        self.tasks = {}
        self.class_names = {}
        self._files, self.skipped = _readable(folder)
        if not self._files:
            raise BadInput(
                f"images: {folder}: found no readable picture{_reasons(self.skipped)}, "
                "allowed: at least one JPEG, PNG or WebP file"
            )

    def __len__(self) -> int:
        return len(self._files)

    def image(self, index: int) -> Image:
        """(camera_px, camera_px, 3) uint8 RGB.

        Raises IndexError outside the folder, BadInput when a file has become unreadable since.
        """
        file = self._file(index)
        try:
            return _open(file, self.camera_px)
        except UNREADABLE as error:
            raise BadInput(
                f"images: {file}: found {reason(error)}, allowed: a picture, as at the start"
            ) from error

    def labels(self, index: int) -> dict[str, int]:
        """None: what the pictures show is not known. Raises IndexError outside the folder."""
        self._file(index)
        return {}

    def sample_name(self, index: int) -> str:
        """The file's name."""
        return self._file(index).name

    def describe(self) -> dict[str, Any]:
        """Name, number of samples, folder, camera size, and the files that were skipped.

        The folder goes by its last name alone: results tell nothing of where a user keeps things.
        """
        return {
            "name": self.name,
            "samples": len(self),
            "folder": self.folder.resolve().name,
            "camera_px": self.camera_px,
            "skipped": [f"{file}: {why}" for file, why in self.skipped],
        }

    def _file(self, index: int) -> Path:
        if not 0 <= index < len(self._files):
            raise IndexError(f"{self.folder} sample {index}: allowed is 0..{len(self) - 1}")
        return self._files[index]


def _readable(folder: Path) -> tuple[list[Path], list[tuple[str, str]]]:
    """Split the folder's pictures into those that decode and (name, reason) of those that do not.

    Files with another suffix are not pictures and are passed over in silence. Raises BadInput for
    a folder that may not be read.
    """
    good: list[Path] = []
    bad: list[tuple[str, str]] = []
    with reading(f"images: {folder}", "a folder that can be read"):
        files = sorted(folder.iterdir())
    for file in files:
        if file.suffix.lower() not in SUFFIXES:
            continue
        try:
            _open(file, 1)
        except UNREADABLE as error:
            bad.append((file.name, reason(error)))
        else:
            good.append(file)
    return good, bad


def _open(file: Path, px: int) -> Image:
    """Decode, turn upright, crop to the central square, resize to px."""
    upright = open_upright(file)
    method = Pillow.Resampling.BOX if min(upright.size) >= px else Pillow.Resampling.BILINEAR
    return np.asarray(ImageOps.fit(upright, (px, px), method))


def _reasons(skipped: list[tuple[str, str]]) -> str:
    """How many were skipped, with the first one's name and reason."""
    if not skipped:
        return ""
    file, why = skipped[0]
    return f" ({len(skipped)} skipped; first: {file}: {why})"
