"""What images are disturbed with in training: salt and pepper, or what the deployed path does.

MTL-Split names salt-and-pepper noise for 3D Shapes. Its code draws from a normal distribution where
such noise takes a uniform one, so that the same setting, 0.08, means something else: "paper"
corrupts 16 % of the pixels, "code" 71 % of the values. Both are drawn anew whenever an image is
used, in training and in testing. "camera" and "impulse:SHARE" are this project's own: the first is
what a deployed network sees, the second has any strength, for tasks that the others leave easy.

Source: Capogrosso et al., "MTL-Split", DAC 2024, and the code published with it.
"""

import io
from collections.abc import Callable, Mapping
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from testbed.data.camera import add_noise
from testbed.errors import BadInput

Images = NDArray[np.uint8]
Noise = Callable[[Images, np.random.Generator], Images]

THRESHOLD = 0.08
"""The published setting: salt above 1 - 0.08, pepper below 0.08."""

CODE_HIGH, CODE_LOW = 250, 5
"""0.98 and 0.02 of the 8-bit range, between which the published code chooses."""

CODE_HIGH_SHARE = NormalDist().cdf(THRESHOLD)
CODE_LOW_SHARE = 1 - NormalDist().cdf(1 - THRESHOLD)
"""Values that become `CODE_HIGH` (53.2 %: a normal draw is at most 0.08) and `CODE_LOW` (17.9 %:
it is at least 0.92). 28.9 % stay."""

_MAX_NOISE_STD = 4.0  # 8-bit levels; what is left of a camera's noise after shrinking is less
_JPEG_SHARE = 0.25
_JPEG_QUALITY = (40, 96)


def no_noise(images: Images, random: np.random.Generator) -> Images:
    """The images as they are, (N, H, W, 3) uint8."""
    return images


def paper_noise(images: Images, random: np.random.Generator) -> Images:
    """Salt and pepper as the words mean it: (N, H, W, 3) uint8 to a new array.

    8 % of the pixels turn black and 8 % white, all three channels of a pixel together.
    """
    drawn = random.random((*images.shape[:3], 1), np.float32)
    noisy = images.copy()
    np.copyto(noisy, 0, where=drawn < THRESHOLD)
    np.copyto(noisy, 255, where=drawn >= 1 - THRESHOLD)
    return noisy


def code_noise(images: Images, random: np.random.Generator) -> Images:
    """Salt and pepper as the published code computes it: (N, H, W, 3) uint8 to a new array.

    Each channel of each pixel for itself. Uniform draws against the normal law's shares: what
    comes out is distributed the same, and ready in a third of the time.
    """
    drawn = random.random(images.shape, np.float32)
    noisy = images.copy()
    np.putmask(noisy, drawn < CODE_HIGH_SHARE, CODE_HIGH)
    np.putmask(noisy, drawn >= 1 - CODE_LOW_SHARE, CODE_LOW)
    return noisy


def impulse_noise(images: Images, random: np.random.Generator, share: float = 0.5) -> Images:
    """Salt and pepper on each value for itself: (N, H, W, 3) uint8 to a new array.

    share: of the values that are replaced, half of them by 0 and half by 255.
    """
    drawn = random.random(images.shape, np.float32)
    noisy = images.copy()
    np.putmask(noisy, drawn < share / 2, 0)
    np.putmask(noisy, drawn >= 1 - share / 2, 255)
    return noisy


def camera_noise(images: Images, random: np.random.Generator) -> Images:
    """Sensor noise of a random strength on every image, JPEG on some: (N, H, W, 3) to a new array.

    JPEG comes at the small size, where it costs most. Colours are never changed: the test split of
    3D Shapes is about pairs of colours that training has not seen, and shifting hues would show
    them.
    """
    disturbed = np.empty_like(images)
    for index, image in enumerate(images):
        strength = random.uniform(0, _MAX_NOISE_STD)
        disturbed[index] = add_noise(image, strength, (int(random.integers(2**32)),))
        if random.random() < _JPEG_SHARE:
            quality = int(random.integers(*_JPEG_QUALITY))
            jpeg = io.BytesIO()
            Pillow.fromarray(disturbed[index]).save(jpeg, "JPEG", quality=quality)
            disturbed[index] = np.asarray(Pillow.open(jpeg))
    return disturbed


NOISES: Mapping[str, Noise] = {
    "none": no_noise,
    "paper": paper_noise,
    "code": code_noise,
    "camera": camera_noise,
}
"""Every noise without a strength of its own, by name."""

IMPULSE = "impulse"


def noise_named(name: str) -> Noise:
    """A noise of `NOISES`, or impulse:SHARE. Raises BadInput for anything else."""
    kind, _, share = name.partition(":")
    if kind == IMPULSE:
        try:
            if 0 < float(share) < 1:
                return partial(impulse_noise, share=float(share))
        except ValueError:
            pass
    elif name in NOISES:
        return NOISES[name]
    allowed = f"{', '.join(NOISES)}, or {IMPULSE}:SHARE with a share above 0 and below 1"
    raise BadInput(f"noise: found {name!r}, allowed: {allowed}")
