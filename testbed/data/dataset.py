"""What a data set is to a run: images by sample index, and their labels by task."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Indices = NDArray[np.int64]
Batch = tuple[Indices, Image]
"""Positions (M,) in what was asked for, and their images (M, H, W, 3)."""


class Dataset(Protocol):
    """Samples 0..len-1; the same index gives the same bytes every time.

    `image` returns what a camera would: (H, W, 3) uint8 RGB. `labels` returns a class index for
    each of `tasks`. A data set without labels has no tasks and returns no labels. Both raise
    IndexError outside 0..len-1.
    """

    @property
    def name(self) -> str:
        """Short name for results, such as "shapes3d-test"."""
        ...

    @property
    def tasks(self) -> Mapping[str, int]:
        """Task name -> number of classes, in the order of the network's heads."""
        ...

    @property
    def class_names(self) -> Mapping[str, tuple[str, ...]]:
        """Task name -> what its classes are called, in the order of their indices."""
        ...

    def __len__(self) -> int: ...

    def image(self, index: int) -> Image:
        """The picture of one sample, (H, W, 3) uint8 RGB."""
        ...

    def labels(self, index: int) -> dict[str, int]:
        """The true class of one sample for each task; empty without labels."""
        ...

    def sample_name(self, index: int) -> str:
        """What to call a sample in results: a file's name, or an index in the published order."""
        ...

    def describe(self) -> dict[str, Any]:
        """Plain values that say what was used: name, samples, and the data set's own settings."""
        ...


@runtime_checkable
class ReadsBatches(Protocol):
    """What a data set adds when many samples together are cheaper than one by one."""

    def batches(self, indices: Indices) -> Iterator[Batch]:
        """What `image` returns for each index, every position once, in the cheapest order."""
        ...


def batches(dataset: Dataset, indices: Indices) -> Iterator[Batch]:
    """The images of many samples, as cheaply as the data set can; see `ReadsBatches.batches`."""
    if isinstance(dataset, ReadsBatches):
        yield from dataset.batches(indices)
        return
    for position, index in enumerate(indices.tolist()):
        yield np.array([position]), dataset.image(index)[None]
