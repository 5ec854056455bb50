"""Multi-task beside single-task accuracy, seed by seed, in per cent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from testbed.paper.training.statistics import Interval, interval, paired

MARGIN = 1.0
"""Points of accuracy by which multi-task may fall short and still match."""

Standing = Literal["beats", "matches", "loses", "undecided"]


@dataclass(frozen=True)
class Comparison:
    """gain: multi minus single, paired by seed, in points."""

    single: Interval
    multi: Interval
    gain: Interval

    @property
    def standing(self) -> Standing:
        """Whether multi-task does better, as well within `MARGIN`, worse, or nobody can say."""
        if self.gain.low is None or self.gain.high is None:
            return "undecided"
        if self.gain.low > 0:
            return "beats"
        if self.gain.low >= -MARGIN:
            return "matches"
        return "loses" if self.gain.high < 0 else "undecided"

    @property
    def text(self) -> str:
        """Both and the difference."""
        return f"{self.multi.text()} % against {self.single.text()} %, {self.gain.text()} points"

    def columns(self, *order: Literal["STL", "MTL"]) -> dict[str, Any]:
        """Cells of a table: accuracies and half of their intervals, then the difference."""
        of = {"STL": self.single, "MTL": self.multi}
        levels: dict[str, Any] = {}
        for way in order:
            levels |= {f"{way} %": of[way].mean, f"{way} ±": of[way].half}
        gain = self.gain
        return levels | {
            "MTL - STL": gain.mean,
            "low": gain.low,
            "high": gain.high,
            "seeds": gain.count,
        }


def compare(single: Mapping[int, float], multi: Mapping[int, float]) -> Comparison | None:
    """Seed -> accuracy of both; None if they have no seed in common."""
    if not single.keys() & multi.keys():
        return None
    both = (interval(list(single.values())), interval(list(multi.values())))
    return Comparison(*both, paired(multi, single))
