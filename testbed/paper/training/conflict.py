"""Tasks made to conflict with those of 3D Shapes: labels that ask for other features, or for none.

Tasks trained together can do worse than alone (negative transfer); which do is an empirical matter
(Standley et al., "Which tasks should be learned together in multi-task learning?", ICML 2020).
These two are made so that it should happen:

- `shuffled_shape`: the shape, but its four names are dealt anew, by a fixed seed, for each
  combination of floor, wall and object hue. Knowing the shape is not enough, its name must be
  learned by heart for each combination. It pulls the backbone to mix colour into shape, which the
  tasks `shape` and `scale` need apart.
- `random`: ten classes by lot, fixed for each of the 480,000 images: to be learned by heart image
  by image or not at all (Zhang et al., "Understanding deep learning requires rethinking
  generalization", ICLR 2017).
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from testbed.data.factors import COUNT, FACTORS

Labels = NDArray[np.int64]

CONFLICTS: Mapping[str, int] = MappingProxyType({"shuffled_shape": 4, "random": 10})
"""Name of the task -> number of classes."""

_SEED = 20_240
_COLOURS = ("floor_hue", "wall_hue", "object_hue")


def conflict_labels(factors: Mapping[str, Labels]) -> dict[str, Labels]:
    """Labels (N,) of each of `CONFLICTS`, from those of all six factors (N,) each."""
    return {"shuffled_shape": _shuffled_shape(factors), "random": _random(factors)}


def _shuffled_shape(factors: Mapping[str, Labels]) -> Labels:
    combinations = tuple(FACTORS[colour] for colour in _COLOURS)
    shapes = FACTORS["shape"]
    plain = np.tile(np.arange(shapes), (*combinations, 1))
    dealt = np.random.default_rng(_SEED).permuted(plain, axis=-1)
    chosen = tuple(factors[name] for name in (*_COLOURS, "shape"))
    return np.asarray(dealt[chosen], np.int64)


def _random(factors: Mapping[str, Labels]) -> Labels:
    lots = np.random.default_rng(_SEED + 1).integers(CONFLICTS["random"], size=COUNT)
    images = np.ravel_multi_index(tuple(factors[name] for name in FACTORS), tuple(FACTORS.values()))
    return np.asarray(lots[images], np.int64)
