"""Photographs in files, with labels: what MEDIC and FACES are once their labels are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.data.camera import Camera
from testbed.data.classes import Classes
from testbed.data.dataset import Image
from testbed.data.labelled import Labelled
from testbed.data.pictures import UNREADABLE, open_upright, reason
from testbed.errors import BadInput


class Photos(Labelled):
    """One split of a data set of photographs."""

    def __init__(
        self,
        name: str,
        files: Sequence[Path],
        classes: Classes,
        labels: Mapping[str, NDArray[np.int64]],
        camera: Camera,
        notes: Mapping[str, Any],
    ) -> None:
        """`classes`, `labels`: as `Labelled`, one label a file; `notes` go into `describe`.

        A camera with a size squeezes every photograph into its square, as MTL-Split does.
        """
        super().__init__(name, classes, labels)
        self._files, self._camera, self._notes = files, camera, notes

    def image(self, index: int) -> Image:
        """(H, W, 3) uint8 RGB. Raises IndexError outside, BadInput for an unreadable file."""
        file = self._files[self.check(index)]
        try:
            image = np.asarray(open_upright(file))
        except UNREADABLE as error:
            raise BadInput(
                f"{self.name}: {file}: found {reason(error)}, allowed: a picture"
            ) from error
        return self._camera.see(image, index)

    def sample_name(self, index: int) -> str:
        """The file's name."""
        return self._files[self.check(index)].name

    def describe(self) -> dict[str, Any]:
        """Name, number of samples, camera size, and where the split comes from."""
        about = {"name": self.name, "samples": len(self), "images": "file"}
        return about | dict(self._notes) | self._camera.describe()
