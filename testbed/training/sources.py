"""The data of a job as sources of images at the network's input size."""

import numpy as np
from numpy.typing import NDArray

from testbed.data.arrays import load_arrays
from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.training.batches import InMemory, OnTheFly, Source
from testbed.training.evaluate import spread
from testbed.training.job import Job


def open_sources(job: Job, show_progress: bool) -> tuple[Source, Source]:
    """The images a job trains on, in an order drawn from its seed, and those it is tested on.

    Images in files are read once, only those that the job's steps reach; rendered ones are made
    batch by batch, which takes less time than the step that uses them and no memory. Raises
    BadInput as `open_dataset` does.
    """
    recipe = job.recipe
    train, test = (
        open_dataset(
            job.dataset, split, path=job.data, tasks=tuple(recipe.tasks), camera_px=_camera_px(job)
        )
        for split in ("train", "test")
    )
    order = np.random.default_rng(recipe.seed).permutation(len(train))
    wanted = order[: min(job.limit or len(train), recipe.steps * recipe.batch)]
    tested = np.array(spread(len(test), job.test_samples, recipe.seed), np.int64)
    return _source(job, train, wanted, show_progress), _source(job, test, tested, show_progress)


def _source(job: Job, dataset: Dataset, wanted: NDArray[np.int64], show_progress: bool) -> Source:
    if _is_rendered(job):
        return OnTheFly(dataset, wanted, job.recipe.input_px)
    return InMemory(load_arrays(dataset, wanted.tolist(), job.recipe.input_px, show_progress))


def _is_rendered(job: Job) -> bool:
    return job.dataset == "shapes3d" and job.data is None


def _camera_px(job: Job) -> int | None:
    """A rendered camera at the network's own size: nothing is drawn to be averaged away."""
    return job.recipe.input_px if _is_rendered(job) else None
