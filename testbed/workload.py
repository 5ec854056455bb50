"""Which image each request carries and when it is due.

Every deployment of one repeat sees the same images in the same order, so deployments are compared
on the same work; each repeat draws new ones.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from testbed.data.dataset import Dataset
from testbed.network import Image
from testbed.scenario import Periodic, Scenario
from testbed.seeds import seed_for

POOL_BYTES = 512 * 2**20
"""Images of one repeat held in memory; beyond it, requests take them in turn again."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One camera image with its number in the data set and its true classes (maybe none)."""

    number: int
    image: Image
    labels: dict[str, int]


class BlankImages:
    """Black images without labels, for measuring the harness alone."""

    name = "blank"
    tasks: dict[str, int]

    def __init__(self, camera_px: int) -> None:
        self.tasks = {}
        self._image = np.zeros((camera_px, camera_px, 3), np.uint8)

    def __len__(self) -> int:
        return 1

    def image(self, index: int) -> Image:
        """Always the same."""
        return self._image

    def labels(self, index: int) -> dict[str, int]:
        """None."""
        return {}

    def sample_name(self, index: int) -> str:
        """Always the same."""
        return "blank"

    def describe(self) -> dict[str, Any]:
        """Name and camera size."""
        return {"name": self.name, "samples": 1, "camera_px": self._image.shape[0]}


def load_dataset(scenario: Scenario) -> Dataset:
    """The scenario's images. Raises BadInput for a folder without a readable one."""
    workload = scenario.workload
    if workload.images is not None:
        from testbed.data.folder import PictureFolder

        return PictureFolder(workload.images, workload.camera_px)
    if workload.dataset == "blank":
        return BlankImages(workload.camera_px)
    from testbed.data.shapes3d import Shapes3D

    return Shapes3D(
        "test",
        workload.camera_px,
        workload.camera_noise,
        scenario.model.tasks,
        seed_for(scenario.seed, "camera noise"),
    )


def draw_samples(dataset: Dataset, scenario: Scenario, repeat: int) -> list[Sample]:
    """The images of one repeat: warm-up first, then one a request, as memory allows."""
    workload = scenario.workload
    image_bytes = 3 * workload.camera_px**2
    wanted = workload.warmup + workload.requests
    count = max(1, min(wanted, POOL_BYTES // image_bytes))
    random = np.random.default_rng([seed_for(scenario.seed, "samples"), repeat])
    if len(dataset) >= count:
        numbers = random.choice(len(dataset), count, replace=False)
    else:
        numbers = random.permutation(len(dataset))
    return [Sample(n, dataset.image(n), dataset.labels(n)) for n in numbers.tolist()]


def period_s(scenario: Scenario) -> float | None:
    """Seconds between requests; None when each waits for the answer before it (closed loop)."""
    arrival = scenario.workload.arrival
    return 1 / arrival.periodic if isinstance(arrival, Periodic) else None
