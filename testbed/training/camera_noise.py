"""What the deployed path does to a picture, as a disturbance for training.

Sensor noise, and for some images JPEG at the small size, where it costs most. Colours are never
changed: the test split of 3D Shapes is about pairs of colours that training has not seen, and
shifting hues would show them.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from testbed.data.render import add_noise

_MAX_NOISE_STD = 4.0  # 8-bit levels; what is left of a camera's noise after shrinking is less
_JPEG_SHARE = 0.25
_JPEG_QUALITY = (40, 96)


def camera_noise(images: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """(N, H, W, 3) -> the same shape: noise of a random strength on every image, JPEG on some."""
    disturbed = np.empty_like(images)
    for index, image in enumerate(images):
        strength = random.uniform(0, _MAX_NOISE_STD)
        disturbed[index] = add_noise(image, strength, (int(random.integers(2**32)),))
        if random.random() < _JPEG_SHARE:
            quality = int(random.integers(*_JPEG_QUALITY))
            disturbed[index] = _through_jpeg(disturbed[index], quality)
    return disturbed


def _through_jpeg(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    Pillow.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Pillow.open(buffer))
