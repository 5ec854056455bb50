"""What a data set is to a run: images by sample index, and their labels by task."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


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
