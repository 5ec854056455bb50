"""The images of a trial: those it trains on, those its learning curve is of, those it is tested on.

None is in two of the three. They are drawn by lot, the same for every seed. What is small is kept
in memory; a whole split is mapped from a file in a scratch folder, or where there is none rendered
batch by batch, or kept in memory too where that would take longer than training.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from testbed.data.catalog import DATASETS, open_dataset
from testbed.data.dataset import Dataset, Indices
from testbed.data.factors import Split
from testbed.data.noise import noise_named
from testbed.paper.training.conflict import conflict_labels
from testbed.training.batches import Arrays, OnTheFly, Source, load_arrays
from testbed.training.stored import Stored, stored_images

if TYPE_CHECKING:  # a trial's values are in the name of its result, so its class decides nothing
    from testbed.paper.training.trial import Trial

# One for all trials, so that they differ in nothing but what they say:
_IMAGES_SEED = 1234  # which images of a split
_NOISE_SEED = 4321  # noise on what is looked at; on training images it is drawn anew each time

IN_MEMORY_BYTES = 512 * 2**20
"""Training images up to this are loaded once a process."""


@dataclass(frozen=True)
class Places:
    """Where things are that decide nothing. data: data set -> its files. scratch: a folder for
    whole splits as mapped files.
    """

    data: Mapping[str, Path] = field(default_factory=dict)
    scratch: Path | None = None


@dataclass(frozen=True)
class Images:
    """training: disturbed anew each time they are used. validation, test: disturbed once."""

    training: Source
    validation: Arrays
    test: Arrays


@dataclass(frozen=True)
class WithConflicts:
    """A source of 3D Shapes with the labels of the tasks made to conflict beside its own."""

    source: Source

    def __len__(self) -> int:
        return len(self.source)

    def take(self, positions: Indices) -> Arrays:
        """Those samples, in the order asked for. Raises IndexError outside 0..len-1."""
        return _with_conflicts(self.source.take(positions))


def images_of(places: Places, trial: "Trial") -> Images:
    """All images of a trial. Raises BadInput for files that cannot be used, and for too few."""
    where = (trial.dataset, places.data.get(trial.dataset), trial.input_px)
    seen, trained = trial.validation_images, trial.train_images
    skip = seen + trained if trial.test_from == "train" else 0
    test = _looked_at(*where, trial.test_from, skip, trial.test_images, trial.noise)
    validation = _looked_at(*where, "train", 0, seen, trial.noise)
    return Images(_training(*where, seen, trained, places.scratch), validation, test)


def prepare(places: Places, trial: "Trial", say: Callable[[str], None]) -> None:
    """Make the mapped file that a trial will want, so that processes side by side find it."""
    if places.scratch is not None and not _is_small(trial.train_images, trial.input_px):
        opened = _opened(trial.dataset, places.data.get(trial.dataset), "train", trial.input_px)
        stored_images(opened, trial.input_px, places.scratch, say)


def _training(
    dataset: str, path: Path | None, px: int, skip: int, count: int, scratch: Path | None
) -> Source:
    opened = _opened(dataset, path, "train", px)
    if _is_small(count, px) or (scratch is None and not _is_quick(dataset, path)):
        return _in_memory(dataset, path, px, "train", skip, count)
    indices = _drawn(opened, skip, count)
    source: Source = OnTheFly(opened, indices, px)
    if scratch is not None:
        source = Stored(opened, stored_images(opened, px, scratch), indices)
    return WithConflicts(source) if dataset == "shapes3d" else source


def _is_quick(dataset: str, path: Path | None) -> bool:
    """Whether its images are made in less time than a training step spends on them."""
    return dataset == "shapes3d" and path is None


def _is_small(count: int, px: int) -> bool:
    return count * px * px * 3 <= IN_MEMORY_BYTES


@lru_cache(maxsize=4)
def _looked_at(
    dataset: str, path: Path | None, px: int, split: Split, skip: int, count: int, noise: str
) -> Arrays:
    loaded = _load(dataset, path, px, split, skip, count)
    disturbed = noise_named(noise)(loaded.images, np.random.default_rng(_NOISE_SEED))
    return Arrays(disturbed, loaded.labels)


@lru_cache(maxsize=1)
def _in_memory(
    dataset: str, path: Path | None, px: int, split: Split, skip: int, count: int
) -> Arrays:
    return _load(dataset, path, px, split, skip, count)


def _load(dataset: str, path: Path | None, px: int, split: Split, skip: int, count: int) -> Arrays:
    opened = _opened(dataset, path, split, px)
    loaded = load_arrays(opened, _drawn(opened, skip, count).tolist(), px)
    return _with_conflicts(loaded) if dataset == "shapes3d" else loaded


def _opened(dataset: str, path: Path | None, split: Split, px: int) -> Dataset:
    """Drawn at the size wanted where the data set has no size of its own."""
    camera_px = px if dataset == "collage" else None
    tasks = tuple(DATASETS[dataset])
    return open_dataset(dataset, split, path=path, tasks=tasks, camera_px=camera_px)


def _drawn(opened: Dataset, skip: int, count: int) -> Indices:
    """`count` samples by lot, ascending, without the first `skip` drawn."""
    lots = np.random.default_rng(_IMAGES_SEED).permutation(len(opened))
    return np.sort(lots[skip : skip + count])


def _with_conflicts(loaded: Arrays) -> Arrays:
    return Arrays(loaded.images, {**loaded.labels, **conflict_labels(loaded.labels)})
