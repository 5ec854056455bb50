"""The six factors of 3D Shapes, their 480,000 combinations, and the published split.

Source: Kim & Mnih, "Disentangling by Factorising", 2018 (the data set and its order); the split by
unseen colours is MTL-Split's. Labels are factor *indices*; `scale_value` and `orientation_degrees`
turn two of them into what the renderer needs.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["train", "test"]
FactorArray = NDArray[np.int64]

# Slowest to fastest, as in the data set: neighbours in dataset order differ in orientation.
FACTORS: Mapping[str, int] = MappingProxyType(
    {"floor_hue": 10, "wall_hue": 10, "object_hue": 10, "scale": 8, "shape": 4, "orientation": 15}
)
# What the published file's labels hold for each index (its README is wrong about hue and scale).
FACTOR_VALUES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        **{
            hue: tuple(i / 10 for i in range(10)) for hue in ("floor_hue", "wall_hue", "object_hue")
        },
        "scale": tuple(0.75 + 0.5 * i / 7 for i in range(8)),
        "shape": (0.0, 1.0, 2.0, 3.0),
        "orientation": tuple(-30 + 60 * i / 14 for i in range(15)),
    }
)
SHAPES = ("cube", "cylinder", "sphere", "capsule")
SPLITS: tuple[Split, ...] = ("train", "test")
COUNT = 480_000

_SIZES = tuple(FACTORS.values())
_FIRST_TEST_HUE = 5  # of floor and of wall


def factors(index: int) -> tuple[int, int, int, int, int, int]:
    """Factor indices of one image in dataset order.

    Raises IndexError outside 0..479,999.
    """
    if not 0 <= index < COUNT:
        raise IndexError(f"3D Shapes index {index}: allowed is 0..{COUNT - 1}")
    floor, wall, thing, scale, shape, orientation = np.unravel_index(index, _SIZES)
    return int(floor), int(wall), int(thing), int(scale), int(shape), int(orientation)


def factor_table(indices: NDArray[np.int64]) -> FactorArray:
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


def scale_value(scale: int) -> float:
    """Relative size of the object: eight values, linear in 0.75..1.25."""
    return FACTOR_VALUES["scale"][scale]


def orientation_degrees(orientation: int) -> float:
    """How far the view into the room is turned: fifteen values, linear in -30..30 degrees."""
    return FACTOR_VALUES["orientation"][orientation]


def hue_rgb(hue: int) -> tuple[float, float, float]:
    """RGB in 0..1 of a hue index: ten hues, 0.0 to 0.9 of the circle, nearly saturated."""
    sector, rest = divmod(6.0 * hue / FACTORS["floor_hue"], 1.0)
    low = 0.08
    rising, falling = low + (1 - low) * rest, 1.0 - (1 - low) * rest
    table = (
        (1.0, rising, low),
        (falling, 1.0, low),
        (low, 1.0, rising),
        (low, falling, 1.0),
        (rising, low, 1.0),
        (1.0, low, falling),
    )
    return table[int(sector)]
