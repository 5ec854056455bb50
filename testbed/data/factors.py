"""The six factors of 3D Shapes, their 480,000 combinations, and the published split.

Source: Kim & Mnih, "Disentangling by Factorising", 2018 (the data set and its order); the split by
unseen colours is MTL-Split's. Labels are factor *indices*.
"""

from collections.abc import Mapping
from colorsys import hsv_to_rgb
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["train", "test"]

# Slowest to fastest, as in the data set: neighbours in dataset order differ in orientation. The
# values are what the published file's labels hold (its README is wrong about hue and scale).
_HUES = tuple(i / 10 for i in range(10))
FACTOR_VALUES: Mapping[str, tuple[float, ...]] = {
    "floor_hue": _HUES,
    "wall_hue": _HUES,
    "object_hue": _HUES,
    "scale": tuple(0.75 + 0.5 * i / 7 for i in range(8)),  # relative size of the object
    "shape": (0.0, 1.0, 2.0, 3.0),
    "orientation": tuple(-30 + 60 * i / 14 for i in range(15)),  # degrees, of the view
}
FACTORS: Mapping[str, int] = {factor: len(values) for factor, values in FACTOR_VALUES.items()}
SHAPES = ("cube", "cylinder", "sphere", "capsule")
SPLITS: tuple[Split, ...] = ("train", "test")
COUNT = 480_000

_SIZES = tuple(FACTORS.values())
_FIRST_TEST_HUE = 5  # of floor and of wall


def factor_table(indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Factor indices of many images: (N,) dataset indices -> (N, 6).

    Raises ValueError when an index is outside the data set.
    """
    return np.stack(np.unravel_index(indices, _SIZES), axis=1).astype(np.int64)


def split_indices(split: Split) -> NDArray[np.int64]:
    """Dataset indices of a split, ascending.

    "test" has floor hue >= 5 and wall hue >= 5 (120,000 images), "train" the rest (360,000), so the
    test split shows only pairs of floor and wall colours that training never saw.
    """
    everything = np.arange(COUNT, dtype=np.int64)
    floor, wall = np.unravel_index(everything, _SIZES)[:2]
    is_test = (floor >= _FIRST_TEST_HUE) & (wall >= _FIRST_TEST_HUE)
    return everything[is_test if split == "test" else ~is_test]


def hue_rgb(hue: int) -> tuple[float, float, float]:
    """RGB in 0..1 of a hue index: ten hues, 0.0 to 0.9 of the circle, nearly saturated."""
    return hsv_to_rgb(_HUES[hue], 0.92, 1.0)
