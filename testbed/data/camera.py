"""The camera between a data set's images and a run: its size and its read-out noise."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image as Pillow

from testbed.config.frame import Frame, sides, written
from testbed.data.dataset import Image
from testbed.data.render import to_bytes
from testbed.errors import BadInput


@dataclass(frozen=True)
class Camera:
    """`camera_px`: the size of its images, None for the size of what it looks at.

    `noise_std`: in 8-bit levels, seeded by `seed` and the image's number.
    """

    camera_px: Frame | None = None
    noise_std: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises BadInput for a size below 1 or anything negative."""
        too_small = self.camera_px is not None and min(sides(self.camera_px)) < 1
        if too_small or self.noise_std < 0 or self.seed < 0:
            raise BadInput(
                f"camera_px {self.camera_px}, noise_std {self.noise_std}, seed {self.seed}: "
                "allowed: camera_px at least 1, noise_std and seed at least 0"
            )

    def see(self, image: Image, number: int) -> Image:
        """(H, W, 3) uint8 to what the camera makes of it; the same for the same number."""
        if self.camera_px is not None:
            image = resize_image(image, self.camera_px)
        return add_noise(image, self.noise_std, (self.seed, number))

    def describe(self) -> dict[str, Any]:
        """What results say of it."""
        px = None if self.camera_px is None else written(self.camera_px)
        return {"camera_px": px, "noise_std": self.noise_std, "seed": self.seed}


def resize_image(image: Image, px: Frame) -> Image:
    """Resize (H, W, 3) to that size; what has another shape gets squeezed.

    It stays in 8-bit, so an image resized on the edge and one resized on the server are the same
    bytes. Shrinking averages the area under each new pixel (as a coarser sensor would); that costs
    about 1 ms from 720 to 64 px, half of Pillow's antialiased bilinear filter. Enlarging
    interpolates.
    """
    height, width = image.shape[:2]
    if (width, height) == sides(px):
        return image
    method = resampling((width, height), px)
    return np.asarray(Pillow.fromarray(image).resize(sides(px), method))


def resampling(size: tuple[int, int], px: Frame) -> Pillow.Resampling:
    """How a picture of that width and height gets the size `px`."""
    shrinks = all(has >= wanted for has, wanted in zip(size, sides(px), strict=True))
    return Pillow.Resampling.BOX if shrinks else Pillow.Resampling.BILINEAR


def add_noise(image: Image, noise_std: float, seed: tuple[int, ...]) -> Image:
    """A camera's read-out noise: normal, `noise_std` in 8-bit levels, the same for the same seed.

    Noise-free renders compress far better as JPEG than any photograph; 2.5 levels is what a camera
    with a signal-to-noise ratio of 40 dB adds to a bright picture.
    """
    if noise_std == 0:
        return image
    noise = np.random.default_rng(seed).standard_normal(image.shape, np.float32)
    noise *= np.float32(noise_std)
    noise += image
    return to_bytes(noise)
