"""Estimates with intervals, of samples in which some values are known only as "never came".

Pure functions of numbers; nothing here knows a request. An estimate that does not exist is None.
"""

from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

CONFIDENCE = 0.95
RESAMPLES = 1999
"""Enough for the ends of a 95 % interval (Davison and Hinkley 1997, 5.2.3: 999 and more)."""
BOOTSTRAP_METHOD = f"95 % percentile bootstrap of the mean, {RESAMPLES} resamples"

_BATCH_VALUES = 5_000_000  # numbers drawn at once: 40 MB, however many requests there are

Interval = tuple[float | None, float | None]


def mean(values: npt.ArrayLike) -> float | None:
    """Arithmetic mean; None of nothing."""
    array = np.asarray(values, dtype=float)
    return float(array.mean()) if array.size else None


def mean_interval(values: npt.NDArray[np.float64], seed: int) -> Interval:
    """95 % percentile bootstrap of the mean (Efron and Tibshirani 1993, chapter 13).

    One value says nothing about spread: (None, None). Equal values give that value twice.
    """
    if values.size < 2:
        return None, None
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    interval = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=max(1, _BATCH_VALUES // values.size),
        vectorized=True,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)


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
    low = int(stats.binom.ppf(tail, total, share)) if total else 0
    high = int(stats.binom.ppf(1 - tail, total, share)) + 1 if total else 0
    ordered: npt.NDArray[Any] = np.sort(known)
    return _ranked(ordered, total, low), _ranked(ordered, total, high)


def _ranked(ordered: npt.NDArray[Any], total: int, rank: int) -> float | None:
    """The value of this rank (from 1); None outside 1..total and among those never known."""
    return float(ordered[rank - 1]) if 1 <= rank <= min(total, len(ordered)) else None
