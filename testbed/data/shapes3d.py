"""3D Shapes as a data set: rendered on demand, at any camera size, with the published split.

Source: Kim & Mnih, 2018 (factors), MTL-Split (tasks scale and shape, split by unseen colours). The
images are this project's own renders of the same factors, not the published files.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from testbed.data.dataset import Image
from testbed.data.factors import FACTORS, SPLITS, Split, factors, split_indices
from testbed.data.render import add_noise, render
from testbed.errors import BadInput

TASKS = ("scale", "shape")
"""The published tasks: 8 scales, 4 shapes."""


class Shapes3D:
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
        if split not in SPLITS:
            raise BadInput(f"split: found {split!r}, allowed: {', '.join(SPLITS)}")
        unknown = [task for task in tasks if task not in FACTORS]
        if unknown or not tasks:
            found = ", ".join(unknown) or "none"
            raise BadInput(f"tasks: found {found}, allowed for shapes3d: {', '.join(FACTORS)}")
        if camera_px < 1 or noise_std < 0 or seed < 0:
            raise BadInput(
                f"camera_px {camera_px}, noise_std {noise_std}, seed {seed}: "
                "allowed: camera_px at least 1, noise_std and seed at least 0"
            )
        self.split, self.camera_px, self.noise_std, self.seed = split, camera_px, noise_std, seed
        self._indices = split_indices(split)
        self._tasks = {task: FACTORS[task] for task in tasks}
        self._columns = {task: list(FACTORS).index(task) for task in tasks}

    @property
    def name(self) -> str:
        """ "shapes3d-test" or "shapes3d-train"."""
        return f"shapes3d-{self.split}"

    @property
    def tasks(self) -> Mapping[str, int]:
        """Task name -> number of classes."""
        return self._tasks

    def __len__(self) -> int:
        return len(self._indices)

    def image(self, index: int) -> Image:
        """(camera_px, camera_px, 3) uint8 RGB. Raises IndexError outside the split."""
        number = self._number(index)
        picture = render(factors(number), self.camera_px)
        return add_noise(picture, self.noise_std, (self.seed, number))

    def labels(self, index: int) -> dict[str, int]:
        """Class index for each task. Raises IndexError outside the split."""
        combination = factors(self._number(index))
        return {task: combination[column] for task, column in self._columns.items()}

    def sample_name(self, index: int) -> str:
        """The image's index in the published order of all 480,000."""
        return str(self._number(index))

    def describe(self) -> dict[str, Any]:
        """Name, number of samples, and how the camera was set."""
        return {
            "name": self.name,
            "samples": len(self),
            "camera_px": self.camera_px,
            "noise_std": self.noise_std,
            "seed": self.seed,
        }

    def _number(self, index: int) -> int:
        if not 0 <= index < len(self._indices):
            raise IndexError(f"{self.name} sample {index}: allowed is 0..{len(self) - 1}")
        return int(self._indices[index])
