"""Images without labels: the user's own folder of pictures, and a black one."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ImageOps

from testbed.config.frame import Frame, sides, written
from testbed.data.camera import resampling
from testbed.data.dataset import Dataset, Image, Indices, what_is_at
from testbed.data.photos import UNREADABLE, open_upright, opened, reason
from testbed.errors import BadInput
from testbed.storage.files import reading, shown

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
FOREIGN = frozenset(
    {*(".heic", ".heif", ".avif", ".jxl", ".gif", ".bmp", ".tif", ".tiff"), *(".dng", ".raw")}
)
"""Pictures too, which a user may miss among those that are used."""
APPLE_DOUBLE = "._"
"""How files begin that macOS puts beside others on foreign disks; what is in them is no picture."""
TAIL_BYTES = 4096
"""Within so many from its end a whole JPEG has its last marker; some apps put more behind it."""
_ENDS = {"JPEG": b"\xff\xd9", "MPO": b"\xff\xd9", "PNG": b"IEND"}
"""The last marker or chunk of each kind of file."""


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

    At the start every file's header and end are read, and no picture is decoded that seems whole;
    `skipped` holds what cannot be used, and why, and grows where one shows its damage only later.
    Pictures are turned upright, cropped to the largest central part of the camera's shape, and
    resized to `camera_px`.
    """

    def __init__(self, folder: Path, camera_px: Frame = 720) -> None:
        """Raises BadInput for a missing folder, one without readable pictures, or camera_px < 1."""
        if not folder.is_dir():
            found = f"images: {shown(folder)}: found {what_is_at(folder)}"
            raise BadInput(f"{found}, allowed: a folder of pictures")
        if min(sides(camera_px)) < 1:
            raise BadInput(f"camera_px: found {written(camera_px)}, allowed: at least 1")
        self.camera_px = camera_px
        self._files, self.skipped = _readable(folder)
        if not self._files:
            skipped = len(self.skipped)
            why = f" ({skipped} skipped; first: {self.skipped[0]})" if skipped else ""
            raise BadInput(
                f"images: {shown(folder)}: found no readable picture{why}, "
                "allowed: at least one JPEG, PNG or WebP file"
            )
        about = {
            # results tell nothing of where a user keeps things
            "folder": shown(folder.resolve().name),
            "camera_px": written(camera_px),
            "skipped": self.skipped,
        }
        super().__init__("folder", len(self._files), about)

    def sample_name(self, index: int) -> str:
        """The file's name."""
        return shown(self._files[self.check(index)].name)

    def _read(self, indices: Indices) -> Image:
        return np.stack([self._picture(index) for index in indices])

    def _picture(self, index: int) -> Image:
        """A file's picture; where it turns out to be damaged the next one, from then on."""
        file = self._files[index]
        try:
            return _open(file, self.camera_px)
        except UNREADABLE as error:
            others = [*self._files[index:], *self._files[:index]]
            instead = next((other for other in others if other != file), None)
            if instead is None:
                found = f"found {reason(error)}, allowed: a picture, or none there"
                raise BadInput(f"images: {shown(file)}: {found}") from error
            self.skipped.append(f"{shown(file.name)}: {reason(error)}")
        self._files = [instead if other == file else other for other in self._files]
        return self._picture(index)


def _readable(folder: Path) -> tuple[list[Path], list[str]]:
    """Split the folder's pictures into usable ones, and name and reason of those that are not.

    Files whose suffix is no picture's are passed over in silence. Raises BadInput for
    a folder that may not be read.
    """
    good: list[Path] = []
    bad: list[str] = []
    with reading(f"images: {folder}", "a folder that can be read"):
        kinds = SUFFIXES | FOREIGN
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in kinds)
    for file in files:
        try:
            why = _fault(file)
        except UNREADABLE as error:
            why = reason(error)
        if why:
            bad.append(f"{shown(file.name)}: {why}")
        else:
            good.append(file)
    return good, bad


def _fault(file: Path) -> str:
    """Why a file cannot be used, empty where it can; raises `UNREADABLE` for other reasons."""
    if file.name.startswith(APPLE_DOUBLE):
        return "made by macOS, beside the picture itself"
    if file.suffix.lower() in FOREIGN:
        return "no JPEG, PNG or WebP file"
    if not file.is_file():
        return "a link to nothing" if file.is_symlink() and not file.exists() else "no file"
    if not file.stat().st_size:
        return "empty"
    with opened(file) as picture:
        if not _seems_whole(file, picture.format):
            picture.load()
    return ""


def _seems_whole(file: Path, kind: str | None) -> bool:
    """Whether the end of a file is that of its kind; where that is not known, it is not."""
    with file.open("rb") as content:
        head = content.read(12)
        size = content.seek(0, os.SEEK_END)
        content.seek(max(0, size - TAIL_BYTES))
        tail = content.read()
    if kind == "WEBP":
        return int.from_bytes(head[4:8], "little") + 8 <= size  # RIFF: the length of what follows
    end = _ENDS.get(kind or "")
    return end is not None and end in tail


def unused(described: Mapping[str, Any]) -> str:
    """What is to be said of the pictures that are not used; empty where all are.

    described: as a data set describes itself.
    """
    skipped = described.get("skipped") or []
    if not skipped:
        return ""
    more = f" (and {len(skipped) - 1} more, in link.json)" if len(skipped) > 1 else ""
    return f"images: not used: {skipped[0]}{more}"


def _open(file: Path, px: Frame) -> Image:
    """Decode, turn upright, crop to the shape of `px`, resize to it."""
    upright = open_upright(file)
    return np.asarray(ImageOps.fit(upright, sides(px), resampling(upright.size, px)))
