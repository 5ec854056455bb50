"""3D Shapes with the published split: rendered on demand at any size, or the published file.

The renders are this project's own, of the same factors. The file, 3dshapes.h5, is HDF5 with
`images` (480000, 64, 64, 3) uint8 and `labels` (480000, 6) float64 factor values, which are
compared with the published values in the published order when it is opened.

Source: Burgess & Kim, "3D Shapes Dataset", 2018, https://github.com/google-deepmind/3d-shapes;
MTL-Split (tasks scale and shape, split by unseen colours).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.config.frame import sides
from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import Batch, Dataset, Image, Indices, import_extra, what_is_at
from testbed.data.factors import COUNT, FACTOR_VALUES, Split, factor_table, split_indices
from testbed.data.render import render
from testbed.errors import BadInput
from testbed.storage.files import reading

TASKS = ("scale", "shape")
"""The published tasks: 8 scales, 4 shapes."""

NATIVE_PX = 64
_LAYOUT = {
    "images": ((COUNT, NATIVE_PX, NATIVE_PX, 3), np.dtype(np.uint8)),
    "labels": ((COUNT, len(FACTOR_VALUES)), np.dtype(np.float64)),
}
_TOLERANCE = 1e-6
# Rows read at once. HDF5's own choice of chunks spreads an image over hundreds of them, each with
# a few pixels of 15,000 images: what is read by the block must not be read image by image.
_MIN_BLOCK, _MAX_BLOCK = 256, 16_384


class Shapes3D(Dataset):
    """One split through a `Camera`: sample i is its i-th image in the published order."""

    _together = 256

    def __init__(
        self, name: str, split: Split, about: Mapping[str, Any], classes: Classes, camera: Camera
    ) -> None:
        """`name`: without the split."""
        self._camera, self._numbers = camera, split_indices(split)
        self._factors = factor_table(self._numbers)
        labels = dict(zip(FACTOR_VALUES, self._factors.T, strict=True))
        about = {**about, **camera.describe()}
        super().__init__(f"{name}-{split}", len(self._numbers), about, classes, labels)

    def sample_name(self, index: int) -> str:
        """The image's index in the published order of all 480,000."""
        return str(self._numbers[self.check(index)])


class RenderedShapes3D(Shapes3D):
    """Rendered at the camera's size, or the published file's."""

    def __init__(self, split: Split, classes: Classes, camera: Camera) -> None:
        self._px = camera.camera_px or NATIVE_PX
        camera = replace(camera, camera_px=self._px)
        super().__init__("shapes3d", split, {"images": "rendered"}, classes, camera)

    def _read(self, indices: Indices) -> Image:
        width, height = sides(self._px)
        images = np.empty((len(indices), height, width, 3), np.uint8)
        shown = zip(self._factors[indices].tolist(), self._numbers[indices].tolist(), strict=True)
        for image, (factors, number) in zip(images, shown, strict=True):
            image[...] = self._camera.see(render(tuple(factors), self._px), number)
        return images


class Shapes3DFile(Shapes3D):
    """The published images, 64 x 64 unless the camera has another size."""

    def __init__(self, file: Path, split: Split, classes: Classes, camera: Camera) -> None:
        """Raises BadInput for a file that is not 3D Shapes; a damaged image is found later."""
        self._file, self._block = file, _checked_block(file)
        about = {"images": "file", "file": file.name}
        super().__init__("shapes3d-file", split, about, classes, camera)

    def batches(self, indices: Indices) -> Iterator[Batch]:
        """Images in the file's order, one block of it at a time."""
        numbers = self._numbers[indices]
        order = np.argsort(numbers, kind="stable")
        blocks = numbers[order] // self._block
        for positions in np.split(order, np.flatnonzero(np.diff(blocks)) + 1):
            if len(positions):
                yield positions, self._read(indices[positions])

    def _read(self, indices: Indices) -> Image:
        """Ascending samples within one block, read as one piece of the file."""
        numbers = self._numbers[indices].tolist()
        first = numbers[0]
        with _opened(self._file) as opened:
            piece = opened["images"][first : numbers[-1] + 1]
        return np.stack([self._camera.see(piece[n - first], n) for n in numbers])


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """The open HDF5 file. Whatever h5py says against it, then or later, becomes BadInput."""
    h5py = import_extra("h5py", "shapes3d")
    allowed = "the published file 3dshapes.h5"
    if not file.is_file():
        raise BadInput(f"shapes3d: {file}: found {what_is_at(file)}, allowed: {allowed}")
    with reading(f"shapes3d: {file}", allowed), h5py.File(file, "r") as opened:
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
