"""Estimates with intervals, of samples in which some values are known only as "never came".

Pure functions of numbers; nothing here knows a request. An estimate that does not exist is None.
"""

from collections.abc import Sequence
from math import ceil, log
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from emulation import binomial

CONFIDENCE = 0.95
METHOD = "95 % from Student's t over the repeats' means, each weighed by its requests"

Interval = tuple[float | None, float | None]


def mean(values: npt.ArrayLike) -> float | None:
    """Arithmetic mean; None of nothing."""
    array = np.asarray(values, dtype=float)
    return float(array.mean()) if array.size else None


def mean_interval(means: Sequence[float], counts: Sequence[int]) -> Interval:
    """95 % interval of the mean over all requests, from the means of the repeats.

    Requests of one repeat share its connection and its weather, so the repeat is the unit:
    Student's t over as many values as there are repeats. counts: over how many requests each mean
    is; where they differ it is the interval of a ratio of two totals (Cochran, Sampling
    Techniques, 1977, section 6.3). One repeat says nothing about spread: (None, None).
    """
    if len(means) < 2:
        return None, None
    of_each, weights = np.asarray(means, float), np.asarray(counts, float)
    middle = float(np.average(of_each, weights=weights))
    off = (of_each - middle) * weights / weights.mean()
    half = float(_t(len(means)) * np.sqrt((off**2).sum() / (len(means) - 1) / len(means)))
    return middle - half, middle + half


def _t(values: int) -> float:
    """By how many standard errors the mean of so many values can be off, at CONFIDENCE."""
    return float(stdtrit(values - 1, (1 + CONFIDENCE) / 2))


def quantile(known: npt.NDArray[np.float64], total: int, share: float) -> float | None:
    """Smallest value that at least `share` of all `total` did not exceed (nearest rank).

    The `total - len(known)` others count as infinitely large: None when the rank is among them.
    """
    return _ranked(np.sort(known), total, ceil(round(share * total, 9)))


def quantile_interval(known: npt.NDArray[np.float64], total: int, share: float) -> Interval:
    """95 % interval of that quantile, free of assumptions about the distribution.

    From the binomial distribution of how many fall below it (Conover 1999, section 3.2); an end
    that lies among the lost, or that so few values cannot bound, is None.
    """
    tail = (1 - CONFIDENCE) / 2
    low = binomial.quantile(tail, total, share) if total else 0
    high = binomial.quantile(1 - tail, total, share) + 1 if total else 0
    ordered: npt.NDArray[Any] = np.sort(known)
    return _ranked(ordered, total, low), _ranked(ordered, total, high)


def enough_for(share: float) -> int:
    """How many values it takes until both ends of that quantile's interval exist.

    Until it is unlikely enough that all of them lie on the same side of the quantile.
    """
    return ceil(log((1 - CONFIDENCE) / 2) / log(max(share, 1 - share)))


def _ranked(ordered: npt.NDArray[Any], total: int, rank: int) -> float | None:
    """The value of this rank (from 1); None outside 1..total and among those never known."""
    return float(ordered[rank - 1]) if 1 <= rank <= min(total, len(ordered)) else None
