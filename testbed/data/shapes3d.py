"""3D Shapes as a data set: rendered on demand, at any camera size, with the published split.

Source: Kim & Mnih, 2018 (factors), MTL-Split (tasks scale and shape, split by unseen colours). The
images are this project's own renders of the same factors; `shapes3d_file.py` reads the published
ones.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from testbed.data.camera import Camera
from testbed.data.dataset import Batch, Image, Indices
from testbed.data.factors import FACTORS, Split, factor_table, split_indices
from testbed.data.labelled import Labelled, check_split, choose_tasks
from testbed.data.render import render_batch

TASKS = ("scale", "shape")
"""The published tasks: 8 scales, 4 shapes."""

_BATCH = 256


class Shapes3D(Labelled):
    """One split of 3D Shapes as a camera of `camera_px` x `camera_px` pixels sees it.

    Sample i is the i-th image of the split in the published order.
    """

    def __init__(
        self,
        split: Split = "test",
        camera_px: int = 720,
        noise_std: float = 0.0,
        tasks: Sequence[str] = TASKS,
        seed: int = 0,
    ) -> None:
        """`noise_std`: sensor noise in 8-bit levels; `seed` seeds it, with the image's index.

        Raises BadInput for an unknown split or task, camera_px < 1, or negative noise.
        """
        check_split(split)
        chosen = choose_tasks("shapes3d", tasks)
        self.camera_px = camera_px
        self._camera = Camera(camera_px, noise_std, seed)
        self._numbers = split_indices(split)
        self._factors = factor_table(self._numbers)
        labels = dict(zip(FACTORS, self._factors.T, strict=True))
        super().__init__(f"shapes3d-{split}", chosen, labels)

    def image(self, index: int) -> Image:
        """(camera_px, camera_px, 3) uint8 RGB. Raises IndexError outside the split."""
        ((_, images),) = self.batches(np.array([self.check(index)]))
        image: Image = images[0]
        return image

    def batches(self, indices: Indices) -> Iterator[Batch]:
        """Images in the order asked for, a few hundred at a time."""
        for start in range(0, len(indices), _BATCH):
            chosen = indices[start : start + _BATCH]
            images = render_batch(self._factors[chosen], self.camera_px)
            for image, number in zip(images, self._numbers[chosen].tolist(), strict=True):
                image[...] = self._camera.see(image, number)
            yield np.arange(start, start + len(chosen)), images

    def sample_name(self, index: int) -> str:
        """The image's index in the published order of all 480,000."""
        return str(self._numbers[self.check(index)])

    def describe(self) -> dict[str, Any]:
        """Name, number of samples, that they are rendered, and how the camera was set."""
        return {"name": self.name, "samples": len(self), "images": "rendered"} | (
            self._camera.describe()
        )
