"""Salt-and-pepper noise on 3D Shapes: what MTL-Split names, and what its code does.

The paper names salt-and-pepper noise. Its code draws from a normal distribution where such noise
takes a uniform one, so that the same setting, 0.08, means something else: "paper" corrupts 16 % of
the pixels, "code" 71 % of the values. Both are drawn anew whenever an image is used, in training
and in testing.

Source: Capogrosso et al., "MTL-Split", DAC 2024, and the code published with it.
"""

from collections.abc import Callable, Mapping
from statistics import NormalDist
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

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


NOISES: Mapping[str, Noise] = MappingProxyType(
    {"none": no_noise, "paper": paper_noise, "code": code_noise}
)
"""Every noise by name."""
