"""Images without labels: the user's own folder of pictures, and a black one."""

from pathlib import Path

import numpy as np
from PIL import ImageOps

from testbed.config.frame import Frame, sides, written
from testbed.data.camera import resampling
from testbed.data.dataset import Dataset, Image, Indices, what_is_at
from testbed.data.photos import UNREADABLE, open_upright, reason
from testbed.errors import BadInput
from testbed.storage.files import reading

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})


class BlankImages(Dataset):
    """One black image, for measuring the harness alone."""

    def __init__(self, camera_px: Frame) -> None:
        super().__init__("blank", 1, {"camera_px": written(camera_px)})
        width, height = sides(camera_px)
        self._image = np.zeros((height, width, 3), np.uint8)

    def sample_name(self, index: int) -> str:
        """Always the same."""
        return self.name

    def _read(self, indices: Indices) -> Image:
        return np.stack([self._image] * len(indices))


class PictureFolder(Dataset):
    """JPEG, PNG and WebP files of one folder (not of folders below it), in order of their names.

    Every file is opened once at the start; `skipped` holds what could not be read, and
    why. Pictures are turned upright, cropped to the largest central part of the
    camera's shape, and resized to `camera_px`.
    """

    def __init__(self, folder: Path, camera_px: Frame = 720) -> None:
        """Raises BadInput for a missing folder, one without readable pictures, or camera_px < 1."""
        if not folder.is_dir():
            raise BadInput(
                f"images: {folder}: found {what_is_at(folder)}, allowed: a folder of pictures"
            )
        if min(sides(camera_px)) < 1:
            raise BadInput(f"camera_px: found {written(camera_px)}, allowed: at least 1")
        self.camera_px = camera_px
        self._files, self.skipped = _readable(folder)
        if not self._files:
            skipped = len(self.skipped)
            why = f" ({skipped} skipped; first: {self.skipped[0]})" if skipped else ""
            raise BadInput(
                f"images: {folder}: found no readable picture{why}, "
                "allowed: at least one JPEG, PNG or WebP file"
            )
        about = {
            "folder": folder.resolve().name,  # results tell nothing of where a user keeps things
            "camera_px": written(camera_px),
            "skipped": self.skipped,
        }
        super().__init__("folder", len(self._files), about)

    def sample_name(self, index: int) -> str:
        """The file's name."""
        return self._files[self.check(index)].name

    def _read(self, indices: Indices) -> Image:
        return np.stack([self._picture(self._files[index]) for index in indices])

    def _picture(self, file: Path) -> Image:
        try:
            return _open(file, self.camera_px)
        except UNREADABLE as error:
            raise BadInput(
                f"images: {file}: found {reason(error)}, allowed: a picture, as at the start"
            ) from error


def _readable(folder: Path) -> tuple[list[Path], list[str]]:
    """Split the folder's pictures into those that decode and name and reason of those that do not.

    Files with another suffix are not pictures and are passed over in silence. Raises BadInput for
    a folder that may not be read.
    """
    good: list[Path] = []
    bad: list[str] = []
    with reading(f"images: {folder}", "a folder that can be read"):
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    for file in files:
        try:
            _open(file, 1)
        except UNREADABLE as error:
            bad.append(f"{file.name}: {reason(error)}")
        else:
            good.append(file)
    return good, bad


def _open(file: Path, px: Frame) -> Image:
    """Decode, turn upright, crop to the shape of `px`, resize to it."""
    upright = open_upright(file)
    return np.asarray(ImageOps.fit(upright, sides(px), resampling(upright.size, px)))
