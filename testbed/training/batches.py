"""Which images each step trains on, and how they are disturbed: a pure function of seed and step.

No state runs along: a run that resumes at step n sees what an uninterrupted one saw there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from testbed.data.arrays import Arrays, load_arrays
from testbed.data.dataset import Dataset
from testbed.data.noise import NOISES, Noise
from testbed.errors import BadInput
from testbed.training.camera_noise import camera_noise

DISTURBANCES: Mapping[str, Noise] = MappingProxyType({**NOISES, "camera": camera_noise})
"""Name -> what happens to the images of a batch before the network sees them."""

_ORDER, _DISTURBANCE = 0, 1  # streams of one seed


class Source(Protocol):
    """Labelled images at the network's input size, by position."""

    def __len__(self) -> int: ...

    def take(self, positions: NDArray[np.int64]) -> Arrays:
        """Those samples, in the order asked for. Raises IndexError outside 0..len-1."""
        ...


@dataclass(frozen=True)
class InMemory:
    """Samples that are all there."""

    arrays: Arrays

    def __len__(self) -> int:
        return len(self.arrays)

    def take(self, positions: NDArray[np.int64]) -> Arrays:
        """See `Source.take`."""
        labels = {task: values[positions] for task, values in self.arrays.labels.items()}
        return Arrays(self.arrays.images[positions], labels)


@dataclass(frozen=True)
class OnTheFly:
    """Samples of a data set that makes them faster than memory is worth, such as the renderer.

    `indices`: which samples of the data set, (N,). `px`: side of the images taken.
    """

    dataset: Dataset
    indices: NDArray[np.int64]
    px: int

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, positions: NDArray[np.int64]) -> Arrays:
        """See `Source.take`."""
        return load_arrays(self.dataset, self.indices[positions].tolist(), self.px)


def as_source(data: Arrays | Source) -> Source:
    """Arrays as a source; a source as it is."""
    return InMemory(data) if isinstance(data, Arrays) else data


class Batches:
    """The batch of any step: `size` samples of `source`, disturbed.

    All samples are seen once, in an order drawn from `seed`, before any is seen again; the rest of
    one pass opens the first batch of the next. Raises BadInput for an unknown `noise`.
    """

    def __init__(self, source: Source, size: int, seed: int, noise: str) -> None:
        if noise not in DISTURBANCES:
            raise BadInput(f"noise: found {noise!r}, allowed: {', '.join(DISTURBANCES)}")
        if not len(source):
            raise BadInput("training data: found no sample, allowed: at least one")
        self._source, self._size, self._seed = source, size, seed
        self._disturb = DISTURBANCES[noise]
        self._orders: dict[int, NDArray[np.int64]] = {}

    def at(self, step: int) -> Arrays:
        """Batch of step 0, 1, ..."""
        taken = self._source.take(self._positions(step))
        random = np.random.default_rng([self._seed, _DISTURBANCE, step])
        return Arrays(self._disturb(taken.images, random), taken.labels)

    def _positions(self, step: int) -> NDArray[np.int64]:
        first = step * self._size
        passes, places = np.divmod(np.arange(first, first + self._size), len(self._source))
        # Only the passes of this batch stay drawn: one, or two where it spans their border.
        self._orders = {
            number: self._orders[number] if number in self._orders else self._order(number)
            for number in range(int(passes[0]), int(passes[-1]) + 1)
        }
        positions = np.empty(self._size, np.int64)
        for number, order in self._orders.items():
            positions[passes == number] = order[places[passes == number]]
        return positions

    def _order(self, number: int) -> NDArray[np.int64]:
        random = np.random.default_rng([self._seed, _ORDER, number])
        return random.permutation(len(self._source))
