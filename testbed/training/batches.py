"""Which images a run trains on, which of them each step sees, and how they are disturbed.

A batch is a pure function of seed and step, no state runs along: a run that resumes at step n sees
what an uninterrupted one saw there.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from testbed.data.arrays import Arrays, load_arrays
from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.data.factors import SPLITS
from testbed.data.noise import NOISES
from testbed.errors import BadInput
from testbed.training.options import TrainingOptions

_ORDER, _DISTURBANCE = 0, 1  # streams of one seed


class Source(Protocol):
    """Labelled images at the network's input size, by position; `Arrays` are one."""

    def __len__(self) -> int: ...

    def take(self, positions: NDArray[np.int64]) -> Arrays:
        """Those samples, in the order asked for. Raises IndexError outside 0..len-1."""
        ...


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


def sample_indices(total: int, count: int, seed: int) -> NDArray[np.int64]:
    """`count` different samples out of `total` (all of them if there are fewer), ascending."""
    return np.sort(np.random.default_rng(seed).permutation(total)[:count])


def open_sources(options: TrainingOptions, show_progress: bool) -> tuple[Source, Source]:
    """The images a run trains on, in an order drawn from its seed, and those it is tested on.

    Images in files are read once, only those that the run's steps reach; rendered ones are made
    batch by batch, at the network's own size (nothing is drawn to be averaged away), which takes
    less time than the step that uses them and no memory. Raises BadInput as `open_dataset` does.
    """
    recipe, px = options.recipe, options.recipe.input_px
    train, test = (
        open_dataset(
            options.dataset,
            split,
            path=options.data,
            tasks=tuple(recipe.tasks),
            camera_px=px if options.is_rendered else None,
        )
        for split in SPLITS
    )
    order = np.random.default_rng(recipe.seed).permutation(len(train))
    wanted = order[: min(options.limit or len(train), recipe.steps * recipe.batch)]
    tested = sample_indices(len(test), options.test_samples, recipe.seed)
    if options.is_rendered:
        return OnTheFly(train, wanted, px), OnTheFly(test, tested, px)
    return (
        load_arrays(train, wanted.tolist(), px, show_progress),
        load_arrays(test, tested.tolist(), px, show_progress),
    )


class Batches:
    """The batch of any step: `size` samples of `source`, disturbed.

    All samples are seen once, in an order drawn from `seed`, before any is seen again; the rest of
    one pass opens the first batch of the next. Raises BadInput for an unknown `noise`.
    """

    def __init__(self, source: Source, size: int, seed: int, noise: str) -> None:
        if noise not in NOISES:
            raise BadInput(f"noise: found {noise!r}, allowed: {', '.join(NOISES)}")
        self._source, self._size, self._seed = source, size, seed
        self._disturb = NOISES[noise]
        # A batch needs the order of one pass, or of two where it spans their border.
        self._order = lru_cache(maxsize=2)(self._drawn)

    def at(self, step: int) -> Arrays:
        """Batch of step 0, 1, ..."""
        taken = self._source.take(self._positions(step))
        random = np.random.default_rng([self._seed, _DISTURBANCE, step])
        return Arrays(self._disturb(taken.images, random), taken.labels)

    def _positions(self, step: int) -> NDArray[np.int64]:
        first = step * self._size
        passes, places = np.divmod(np.arange(first, first + self._size), len(self._source))
        orders = {number: self._order(number) for number in np.unique(passes).tolist()}
        drawn = zip(passes.tolist(), places.tolist(), strict=True)
        return np.array([orders[number][place] for number, place in drawn])

    def _drawn(self, number: int) -> NDArray[np.int64]:
        random = np.random.default_rng([self._seed, _ORDER, number])
        return random.permutation(len(self._source))
