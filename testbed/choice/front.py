"""What no other choice beats in everything (Pareto): rows of numbers, the smaller the better."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def front(costs: Sequence[Sequence[float]]) -> NDArray[np.bool_]:
    """Which rows are on the front: no other is as good in every column and better in one.

    costs: (rows, columns); NaN is worse than any number. Of rows that are alike all are on it.
    """
    of = np.nan_to_num(np.asarray(costs, float), nan=np.inf, posinf=np.inf)
    no_worse = (of[:, None] <= of[None]).all(axis=2)
    better = (of[:, None] < of[None]).any(axis=2)
    return np.asarray(~(no_worse & better).any(axis=0))
