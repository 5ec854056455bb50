"""The images of a run, in memory or made on the way; which of them each step sees, disturbed.

A batch is a pure function of seed and step, no state runs along: a run that resumes at step n sees
what an uninterrupted one saw there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from rich.console import Console
from rich.progress import Progress

from testbed.data.camera import resize_image
from testbed.data.dataset import Dataset, Image, Indices
from testbed.data.noise import noise_named

_ORDER, _DISTURBANCE = 0, 1  # streams of one seed


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


@dataclass(frozen=True)
class OnTheFly:
    """Samples of a data set that makes them faster than memory is worth, such as the renderer.

    `indices`: which samples of the data set, (N,). `px`: side of the images taken.
    """

    dataset: Dataset
    indices: Indices
    px: int

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, positions: Indices) -> Arrays:
        """Those samples, in the order asked for. Raises IndexError outside 0..len-1."""
        return load_arrays(self.dataset, self.indices[positions], self.px)


class Source(Protocol):
    """Labelled images at the network's input size, by position."""

    def __len__(self) -> int: ...

    def take(self, positions: Indices) -> Arrays:
        """Those samples, in the order asked for. Raises IndexError outside 0..len-1."""


def load_arrays(
    dataset: Dataset, indices: Iterable[int], px: int, show_progress: bool = False
) -> Arrays:
    """The samples in the order of `indices`, resized to px by px as a deployment would.

    `show_progress`: a bar on standard error. Raises BadInput for a file that cannot be read,
    IndexError outside the data set.
    """
    wanted = np.fromiter(indices, np.int64)
    labels = dataset.label_table(wanted)
    images = np.empty((len(wanted), px, px, 3), np.uint8)
    with Progress(console=Console(stderr=True), disable=not show_progress) as progress:
        bar = progress.add_task("images", total=len(wanted))
        for positions, pictures in dataset.batches(wanted):
            for position, picture in zip(positions.tolist(), pictures, strict=True):
                images[position] = resize_image(picture, px)
            progress.advance(bar, len(positions))
    return Arrays(images, labels)


def sample_indices(total: int, count: int, seed: int) -> Indices:
    """`count` different samples out of `total` (all of them if there are fewer), ascending."""
    return np.sort(np.random.default_rng(seed).permutation(total)[:count])


class Batches:
    """The batch of any step: `size` samples of `source`, disturbed.

    All samples are seen once, in an order drawn from `seed`, before any is seen again; the rest of
    one pass opens the first batch of the next. Raises BadInput for an unknown `noise`.
    """

    def __init__(self, source: Source, size: int, seed: int, noise: str) -> None:
        self._source, self._size, self._seed = source, size, seed
        self._disturb = noise_named(noise)
        # A batch needs the order of one pass, or of two where it spans their border.
        self._order = lru_cache(maxsize=2)(self._drawn)

    def at(self, step: int) -> Arrays:
        """Batch of step 0, 1, ..."""
        taken = self._source.take(self._positions(step))
        random = np.random.default_rng([self._seed, _DISTURBANCE, step])
        return Arrays(self._disturb(taken.images, random), taken.labels)

    def _positions(self, step: int) -> Indices:
        first = step * self._size
        passes, places = np.divmod(np.arange(first, first + self._size), len(self._source))
        orders = {number: self._order(number) for number in np.unique(passes).tolist()}
        drawn = zip(passes.tolist(), places.tolist(), strict=True)
        return np.array([orders[number][place] for number, place in drawn])

    def _drawn(self, number: int) -> Indices:
        random = np.random.default_rng([self._seed, _ORDER, number])
        return random.permutation(len(self._source))
