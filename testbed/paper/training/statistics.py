"""Means over seeds with intervals fit for the few there are, and multi-task beside single-task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

METHOD = "95 % interval of the mean over seeds from Student's t; differences are paired by seed"
MARGIN = 1.0
"""Points of accuracy by which multi-task may fall short and still match."""

Standing = Literal["beats", "matches", "loses", "undecided"]


@dataclass(frozen=True)
class Interval:
    """Mean of `count` values, half of its interval: None where one value says nothing of spread."""

    mean: float
    half: float | None
    count: int

    @property
    def ends(self) -> tuple[float, float] | tuple[None, None]:
        """Lowest and highest."""
        return (None, None) if self.half is None else (self.mean - self.half, self.mean + self.half)

    def __str__(self) -> str:
        """71.2 ± 0.8; without the latter for a single value."""
        return f"{self.mean:.1f}" + ("" if self.half is None else f" ± {self.half:.1f}")


def interval(values: Sequence[float]) -> Interval:
    """Student's t interval of the mean (Student 1908). Raises ValueError without values."""
    if not values:
        raise ValueError("values: found none, allowed: at least one")
    count = len(values)
    half = None if count < 2 else float(stats.t.ppf(0.975, count - 1) * stats.sem(values))
    return Interval(float(np.mean(values)), half, count)


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> list[float]:
    """first - second for each seed both have."""
    return [first[seed] - second[seed] for seed in first if seed in second]


@dataclass(frozen=True)
class Comparison:
    """Accuracies in per cent. gain: multi minus single, paired by seed, in points."""

    single: Interval
    multi: Interval
    gain: Interval

    @property
    def standing(self) -> Standing:
        """Whether multi-task does better, as well within `MARGIN`, worse, or nobody can say."""
        low, high = self.gain.ends
        if low is None or high is None:
            return "undecided"
        if low > 0:
            return "beats"
        if low >= -MARGIN:
            return "matches"
        return "loses" if high < 0 else "undecided"

    def __str__(self) -> str:
        return f"{self.multi} % against {self.single} %, {self.gain} points"

    def columns(self, *order: Literal["STL", "MTL"]) -> dict[str, Any]:
        """Cells of a table: accuracies and half of their intervals, then the difference."""
        of = {"STL": self.single, "MTL": self.multi}
        levels: dict[str, Any] = {}
        for way in order:
            levels |= {f"{way} %": of[way].mean, f"{way} ±": of[way].half}
        low, high = self.gain.ends
        gain = {"MTL - STL": self.gain.mean, "low": low, "high": high, "seeds": self.gain.count}
        return levels | gain


def compare(single: Mapping[int, float], multi: Mapping[int, float]) -> Comparison | None:
    """Seed -> accuracy of both; None if they have no seed in common."""
    gains = paired(multi, single)
    if not gains:
        return None
    of = (interval(list(values)) for values in (single.values(), multi.values(), gains))
    return Comparison(*of)


def no_loss(standings: Sequence[str]) -> bool | None:
    """Whether multi-task at least matches everywhere; None where that cannot be said."""
    if "loses" in standings:
        return False
    return True if standings and {*standings} <= {"beats", "matches"} else None
