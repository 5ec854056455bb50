"""Means over seeds with intervals fit for the few there are, and multi-task beside single-task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

from testbed.paper.claims import MARGIN

LEAST_SEEDS = 5
"""Networks of an arm below which no verdict is given."""

CEILING = 98.5
"""Per cent: of a target that gets within 1.5 points of all alone nothing is claimed, as what can
still be gained or lost there is no matter of training together."""

METHOD = (
    "95 % interval of the mean over seeds from Student's t; differences are paired by seed; margin "
    f"{MARGIN:g} point; nothing is claimed above {CEILING:g} %"
)

Standing = Literal["beats", "matches", "loses", "undecided", "at ceiling"]


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


def standing_of(gain: Interval, alone: float) -> Standing:
    """Where a difference stands; `alone`: single-task accuracy in per cent."""
    if alone >= CEILING:
        return "at ceiling"
    low, high = gain.ends
    if low is None or high is None or gain.count < LEAST_SEEDS:
        return "undecided"
    if low > 0:
        return "beats"
    if low > -MARGIN:
        return "matches"
    return "loses" if high < -MARGIN else "undecided"


@dataclass(frozen=True)
class Comparison:
    """Accuracies in per cent. gain: multi minus single, paired by seed, in points.

    undertrained: what the rule finds wanting in either arm, see `plateau.py`; none where both have
    learnt.
    """

    single: Interval
    multi: Interval
    gain: Interval
    undertrained: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing | Literal["undertrained"]:
        """Whether multi-task does better, as well within `MARGIN`, worse, or nobody can say."""
        return "undertrained" if self.undertrained else standing_of(self.gain, self.single.mean)

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
        return levels | gain | {"MTL": self.standing}
