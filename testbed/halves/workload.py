"""Which image each request carries.

Every deployment of one repeat sees the same images in the same order, so deployments are compared
on the same work; each repeat draws new ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from testbed.config.frame import sides
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.data.catalog import open_dataset
from testbed.data.dataset import Dataset
from testbed.data.unlabelled import BlankImages, PictureFolder
from testbed.lifecycle.asks import Labelled
from testbed.network import Image

POOL_BYTES = 512 * 2**20
"""Images of one repeat held in memory; beyond it, requests take them in turn again."""


@dataclass(frozen=True, slots=True)
class Sample(Labelled):
    """The camera image with it."""

    image: Image


def load_dataset(scenario: Scenario) -> Dataset:
    """The scenario's images: the test split, as a camera of `camera_px` sees it.

    Raises BadInput for tasks that the data set does not have and for files that cannot be used.
    """
    workload = scenario.workload
    if workload.images is not None:
        return PictureFolder(workload.images, workload.camera_px)
    if workload.dataset == "blank":
        return BlankImages(workload.camera_px)
    return open_dataset(
        workload.dataset,
        "test",
        path=workload.data,
        tasks=scenario.model.tasks,
        camera_px=workload.camera_px,
        camera_noise=workload.camera_noise,
        seed=seed_for(scenario.seed, "camera noise"),
    )


def draw_samples(
    dataset: Dataset, scenario: Scenario, repeat: int, went_on: Callable[[], None] = lambda: None
) -> list[Sample]:
    """The images of one repeat: warm-up first, then one a request, as memory allows.

    went_on: called after each few, for large photographs take minutes.
    """
    workload = scenario.workload
    width, height = sides(workload.camera_px)
    wanted, image_bytes = workload.warmup + workload.requests, 3 * width * height
    count = max(1, min(wanted, POOL_BYTES // image_bytes))
    random = np.random.default_rng([seed_for(scenario.seed, "samples"), repeat])
    if len(dataset) >= count:
        numbers = random.choice(len(dataset), count, replace=False)
    else:
        numbers = random.permutation(len(dataset))
    images: dict[int, Image] = {}
    for positions, pictures in dataset.batches(numbers):
        images.update(zip(positions.tolist(), pictures, strict=True))
        went_on()
    return [Sample(n, dataset.labels(n), images[i]) for i, n in enumerate(numbers.tolist())]
