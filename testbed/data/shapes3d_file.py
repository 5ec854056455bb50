"""The published 3D Shapes file (3dshapes.h5), read as far as it is asked for.

HDF5 with `images` (480000, 64, 64, 3) uint8 and `labels` (480000, 6) float64 factor values. The
labels are compared with the published values in the published order when the file is opened.

Source: Burgess & Kim, "3D Shapes Dataset", 2018, https://github.com/google-deepmind/3d-shapes
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.data.camera import Camera
from testbed.data.dataset import Batch, Image, Indices
from testbed.data.extras import import_extra
from testbed.data.factors import COUNT, FACTOR_VALUES, Split, factor_table, split_indices
from testbed.data.labelled import Labelled, check_split, choose_tasks, what_is_at
from testbed.errors import BadInput
from testbed.storage.files import reading

NATIVE_PX = 64
_LAYOUT = {
    "images": ((COUNT, NATIVE_PX, NATIVE_PX, 3), np.dtype(np.uint8)),
    "labels": ((COUNT, len(FACTOR_VALUES)), np.dtype(np.float64)),
}
_TOLERANCE = 1e-6
# Rows read at once. HDF5's own choice of chunks spreads an image over hundreds of them, each with
# a few pixels of 15,000 images: what is read by the block must not be read image by image.
_MIN_BLOCK, _MAX_BLOCK = 256, 16_384


class Shapes3DFile(Labelled):
    """One split of the published images, in the published order, through a `Camera`."""

    def __init__(self, file: Path, split: Split, tasks: Sequence[str], camera: Camera) -> None:
        """Raises BadInput for an unknown split or task, and for a file that is not 3D Shapes."""
        check_split(split)
        chosen = choose_tasks("shapes3d", tasks)
        self._file, self._camera = file, camera
        self._block = _checked_block(file)
        self._numbers = split_indices(split)
        labels = dict(zip(FACTOR_VALUES, factor_table(self._numbers).T, strict=True))
        super().__init__(f"shapes3d-file-{split}", chosen, labels)

    def image(self, index: int) -> Image:
        """(64, 64, 3) uint8 RGB, or (px, px, 3) through a camera of another size.

        Raises IndexError outside the split, BadInput for a damaged file.
        """
        ((_, images),) = self.batches(np.array([self.check(index)]))
        image: Image = images[0]
        return image

    def batches(self, indices: Indices) -> Iterator[Batch]:
        """Images in the file's order, one block of it at a time."""
        numbers = self._numbers[indices]
        order = np.argsort(numbers, kind="stable")
        blocks = numbers[order] // self._block
        for positions in np.split(order, np.flatnonzero(np.diff(blocks)) + 1):
            if len(positions):
                yield positions, self._read(numbers[positions])

    def sample_name(self, index: int) -> str:
        """The image's index in the published order of all 480,000."""
        return str(self._numbers[self.check(index)])

    def describe(self) -> dict[str, Any]:
        """Name, number of samples, the file they come from, and how the camera was set."""
        return {
            "name": self.name,
            "samples": len(self),
            "images": "file",
            "file": self._file.name,
        } | self._camera.describe()

    def _read(self, numbers: Indices) -> Image:
        """Images of ascending numbers within one block, read as one piece of the file."""
        first = int(numbers[0])
        with _opened(self._file) as opened:
            piece = opened["images"][first : int(numbers[-1]) + 1]
        seen = [self._camera.see(piece[n - first], n) for n in numbers.tolist()]
        return np.stack(seen)


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """The open HDF5 file. Whatever h5py says against it, then or later, becomes BadInput."""
    h5py = import_extra("h5py", "shapes3d")
    if not file.is_file():
        raise BadInput(
            f"shapes3d: {file}: found {what_is_at(file)}, allowed: the published file 3dshapes.h5"
        )
    with (
        reading(f"shapes3d: {file}", "the published file 3dshapes.h5"),
        h5py.File(file, "r") as opened,
    ):
        yield opened


def _checked_block(file: Path) -> int:
    """Check names, shapes, types and labels; return how many rows to read at once."""
    with _opened(file) as opened:
        for name, (shape, kind) in _LAYOUT.items():
            data = opened.get(name)
            found = (getattr(data, "shape", None), getattr(data, "dtype", None))
            if found != (shape, kind):
                raise BadInput(
                    f"shapes3d: {file}: {name}: found {_shown(*found)}, "
                    f"allowed: {_shown(shape, kind)} as published"
                )
        _check_labels(file, opened["labels"][()])
        chunks = opened["images"].chunks
    rows = chunks[0] if chunks else _MIN_BLOCK
    return int(min(max(rows, _MIN_BLOCK), _MAX_BLOCK))


def _shown(shape: tuple[int, ...] | None, kind: object) -> str:
    return "nothing of that name" if shape is None else f"{shape} {kind}"


def _check_labels(file: Path, labels: NDArray[np.float64]) -> None:
    """Raises BadInput unless each label is the published value of its place in the order."""
    indices = factor_table(np.arange(COUNT))
    for column, (factor, values) in enumerate(FACTOR_VALUES.items()):
        expected = np.array(values)[indices[:, column]]
        wrong = np.flatnonzero(~(np.abs(labels[:, column] - expected) <= _TOLERANCE))
        if len(wrong):
            row = wrong[0]
            raise BadInput(
                f"shapes3d: {file}: labels: {factor} of image {row}: found "
                f"{labels[row, column]:g}, allowed: {expected[row]:g} as published"
            )
