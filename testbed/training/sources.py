"""The data of a training run as sources of images at the network's input size."""

import numpy as np
from numpy.typing import NDArray

from testbed.data.arrays import load_arrays
from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.training.batches import InMemory, OnTheFly, Source
from testbed.training.evaluate import sample_indices
from testbed.training.options import TrainingOptions


def open_sources(options: TrainingOptions, show_progress: bool) -> tuple[Source, Source]:
    """The images a run trains on, in an order drawn from its seed, and those it is tested on.

    Images in files are read once, only those that the run's steps reach; rendered ones are made
    batch by batch, which takes less time than the step that uses them and no memory. Raises
    BadInput as `open_dataset` does.
    """
    recipe = options.recipe
    train, test = (
        open_dataset(
            options.dataset,
            split,
            path=options.data,
            tasks=tuple(recipe.tasks),
            camera_px=_camera_px(options),
        )
        for split in ("train", "test")
    )
    order = np.random.default_rng(recipe.seed).permutation(len(train))
    wanted = order[: min(options.limit or len(train), recipe.steps * recipe.batch)]
    tested = np.array(sample_indices(len(test), options.test_samples, recipe.seed), np.int64)
    return _source(options, train, wanted, show_progress), _source(
        options, test, tested, show_progress
    )


def _source(
    options: TrainingOptions, dataset: Dataset, wanted: NDArray[np.int64], show_progress: bool
) -> Source:
    if _is_rendered(options):
        return OnTheFly(dataset, wanted, options.recipe.input_px)
    return InMemory(load_arrays(dataset, wanted.tolist(), options.recipe.input_px, show_progress))


def _is_rendered(options: TrainingOptions) -> bool:
    return options.dataset == "shapes3d" and options.data is None


def _camera_px(options: TrainingOptions) -> int | None:
    """A rendered camera at the network's own size: nothing is drawn to be averaged away."""
    return options.recipe.input_px if _is_rendered(options) else None
