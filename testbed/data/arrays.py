"""Many samples of a data set in memory, as training and evaluation want them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.progress import Progress

from testbed.data.camera import resize_image
from testbed.data.dataset import Dataset, Image, Indices


@dataclass(frozen=True)
class Arrays:
    """Images (N, px, px, 3) uint8 and, for each task, class indices (N,) int64."""

    images: Image
    labels: Mapping[str, Indices]

    def __len__(self) -> int:
        return len(self.images)

    def take(self, positions: Indices) -> "Arrays":
        """Those samples, in the order asked for. Raises IndexError outside 0..len-1."""
        labels = {task: values[positions] for task, values in self.labels.items()}
        return Arrays(self.images[positions], labels)


def load_arrays(
    dataset: Dataset, indices: Iterable[int], px: int, show_progress: bool = False
) -> Arrays:
    """The samples in the order of `indices`, resized to px by px as a deployment would.

    `show_progress`: a bar on standard error. Raises BadInput for a file that cannot be read,
    IndexError outside the data set.
    """
    wanted = np.fromiter(indices, np.int64)
    labels = {task: np.empty(len(wanted), np.int64) for task in dataset.tasks}
    for position, index in enumerate(wanted.tolist()):
        for task, label in dataset.labels(index).items():
            labels[task][position] = label
    images = np.empty((len(wanted), px, px, 3), np.uint8)
    with Progress(console=Console(stderr=True), disable=not show_progress) as progress:
        bar = progress.add_task("images", total=len(wanted))
        for positions, pictures in dataset.batches(wanted):
            for position, picture in zip(positions.tolist(), pictures, strict=True):
                images[position] = resize_image(picture, px)
            progress.advance(bar, len(positions))
    return Arrays(images, labels)
