"""The camera between a data set's images and a run: its size and its read-out noise."""

from dataclasses import dataclass
from typing import Any

from testbed.data.dataset import Image
from testbed.data.render import add_noise
from testbed.errors import BadInput
from testbed.model.preprocess import resize_image


@dataclass(frozen=True)
class Camera:
    """`px`: side of its square images, None for the size of what it looks at.

    `noise_std`: in 8-bit levels, seeded by `seed` and the image's number.
    """

    px: int | None = None
    noise_std: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises BadInput for a size below 1 or anything negative."""
        if (self.px is not None and self.px < 1) or self.noise_std < 0 or self.seed < 0:
            raise BadInput(
                f"camera_px {self.px}, noise_std {self.noise_std}, seed {self.seed}: "
                "allowed: camera_px at least 1, noise_std and seed at least 0"
            )

    def see(self, image: Image, number: int) -> Image:
        """(H, W, 3) uint8 to what the camera makes of it; the same for the same number."""
        if self.px is not None:
            image = resize_image(image, self.px)
        return add_noise(image, self.noise_std, (self.seed, number))

    def describe(self) -> dict[str, Any]:
        """Plain values for results."""
        return {"camera_px": self.px, "noise_std": self.noise_std, "seed": self.seed}
