"""What a data set is to a run: images by sample index, and their labels by task."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from testbed.data.classes import Classes
from testbed.errors import BadInput

Image = NDArray[np.uint8]
Indices = NDArray[np.int64]
Batch = tuple[Indices, Image]
"""Positions (M,) in what was asked for, and their images (M, H, W, 3)."""


class Dataset(ABC):
    """Samples 0..len-1; the same index gives the same bytes every time.

    name: short, for results, such as "shapes3d-test". class_names: task -> what its classes are
    called, in the order of their indices. tasks: task -> number of classes, in the order of the
    network's heads; none where nothing is known of the images.
    """

    _together: ClassVar[int] = 1
    """How many images are made at once where many are asked for."""

    def __init__(
        self,
        name: str,
        samples: int,
        about: Mapping[str, Any],
        classes: Classes | None = None,
        labels: Mapping[str, Indices] | None = None,
    ) -> None:
        """`about`: what `describe` adds. `labels`: (samples,) class indices of each task."""
        self.name, self.class_names = name, classes or {}
        self.tasks = {task: len(names) for task, names in self.class_names.items()}
        self._samples, self._about, self._labels = samples, about, labels or {}

    def __len__(self) -> int:
        return self._samples

    @abstractmethod
    def sample_name(self, index: int) -> str:
        """What to call a sample in results: a file's name, or an index in the published order."""

    @abstractmethod
    def _read(self, indices: Indices) -> Image:
        """The images of a few samples, (M, H, W, 3) uint8 RGB."""

    def image(self, index: int) -> Image:
        """What a camera would make of one sample, (H, W, 3) uint8 RGB.

        Raises IndexError outside 0..len-1, BadInput for a file that cannot be read.
        """
        return np.asarray(self._read(np.array([self.check(index)]))[0])

    def batches(self, indices: Indices) -> Iterator[Batch]:
        """What `image` returns for each index, every position once, in the cheapest order."""
        for start in range(0, len(indices), self._together):
            chosen = indices[start : start + self._together]
            yield np.arange(start, start + len(chosen)), self._read(chosen)

    def labels(self, index: int) -> dict[str, int]:
        """The true class of one sample for each task. Raises IndexError outside 0..len-1."""
        self.check(index)
        return {task: int(self._labels[task][index]) for task in self.tasks}

    def label_table(self, indices: Indices) -> dict[str, Indices]:
        """(N,) true classes of samples for each task. Raises IndexError outside 0..len-1."""
        for extreme in (indices.min(), indices.max()) if len(indices) else ():
            self.check(int(extreme))
        return {task: np.asarray(self._labels[task])[indices] for task in self.tasks}

    def describe(self) -> dict[str, Any]:
        """Plain values that say what was used: name, samples, and the data set's own settings."""
        return {"name": self.name, "samples": len(self), **self._about}

    def check(self, index: int) -> int:
        """The index itself. Raises IndexError outside 0..len-1."""
        if not 0 <= index < self._samples:
            raise IndexError(f"{self.name} sample {index}: allowed is 0..{len(self) - 1}")
        return index


def what_is_at(path: Path) -> str:
    """For an error message: what was found where a file or folder was expected."""
    if path.is_dir():
        return "a folder"
    return "a file" if path.exists() else "nothing"


def import_extra(module: str, dataset: str) -> ModuleType:
    """A module that only some data sets need. Raises BadInput where it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise missing_extra(error.name or module, dataset, "data") from error


def missing_extra(package: str, dataset: str, extra: str) -> BadInput:
    """What is said where a package is not installed that only some data sets need."""
    return BadInput(
        f"{dataset}: found no package {package}, "
        f"allowed: after `pip install 'split-testbed[{extra}]'`"
    )
