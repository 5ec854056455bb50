"""Means over seeds, with intervals fit for the few seeds there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import stats

CONFIDENCE = 0.95
METHOD = "95 % interval of the mean over seeds from Student's t; differences are paired by seed"


@dataclass(frozen=True)
class Interval:
    """Mean of `count` values; low and high are None where fewer than two say nothing of spread."""

    mean: float
    low: float | None
    high: float | None
    count: int

    @property
    def half(self) -> float | None:
        """Half of its width."""
        return None if self.low is None else self.mean - self.low

    @property
    def significant(self) -> bool:
        """Whether it lies wholly on one side of 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def text(self, digits: int = 1) -> str:
        """ "71.2 +- 0.8"; without the latter for a single value."""
        middle = f"{self.mean:.{digits}f}"
        return middle if self.half is None else f"{middle} ± {self.half:.{digits}f}"


def interval(values: Sequence[float]) -> Interval:
    """Student's t interval of the mean (Student 1908). Raises ValueError without values."""
    if not values:
        raise ValueError("values: found none, allowed: at least one")
    array = np.asarray(values, float)
    mean, count = float(array.mean()), len(array)
    if count < 2:
        return Interval(mean, None, None, count)
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1) * array.std(ddof=1) / sqrt(count))
    return Interval(mean, mean - reach, mean + reach, count)


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Interval:
    """Interval of first - second over the seeds both have. Raises ValueError if none."""
    return interval([first[seed] - second[seed] for seed in first if seed in second])
