"""Black images without labels, for measuring the harness alone."""

from typing import Any

import numpy as np

from testbed.data.classes import Classes
from testbed.data.dataset import Image


class BlankImages:
    """One black image."""

    name = "blank"

    def __init__(self, camera_px: int) -> None:
        self.tasks: dict[str, int] = {}
        self.class_names: Classes = {}
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
