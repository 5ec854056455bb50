"""The images that a training is asked to see, and those it is tested on."""

from pathlib import Path

import numpy as np
from rich.console import Console

from testbed.data.catalog import open_dataset
from testbed.data.factors import SPLITS
from testbed.training.batches import OnTheFly, Source, load_arrays, sample_indices
from testbed.training.options import TrainingOptions
from testbed.training.stored import Stored, stored_images


def open_sources(
    options: TrainingOptions, show_progress: bool, scratch: Path | None = None
) -> tuple[Source, Source]:
    """The images a run trains on, in an order drawn from its seed, and those it is tested on.

    Images in files are read once, only those that the run's steps reach; drawn ones are made batch
    by batch, at the network's own size (nothing is drawn to be averaged away), which takes no
    memory and, for most data sets, less time than the step that uses them. scratch: a folder in
    which those to train on are drawn once, for sets that take longer. Raises BadInput as
    `open_dataset` and `stored_images` do.
    """
    recipe, px = options.recipe, options.recipe.input_px
    train, test = (
        open_dataset(
            options.dataset,
            split,
            path=options.data,
            tasks=tuple(recipe.tasks),
            camera_px=px if options.is_drawn else None,
        )
        for split in SPLITS
    )
    order = np.random.default_rng(recipe.seed).permutation(len(train))
    wanted = order[: min(options.limit or len(train), recipe.steps * recipe.batch)]
    tested = sample_indices(len(test), options.test_samples, recipe.seed)
    if options.is_drawn:
        unseen = OnTheFly(test, tested, px)
        if scratch is None:
            return OnTheFly(train, wanted, px), unseen
        return Stored(
            train, stored_images(train, px, scratch, Console(stderr=True).print), wanted
        ), unseen
    return (
        load_arrays(train, wanted, px, show_progress),
        load_arrays(test, tested, px, show_progress),
    )
