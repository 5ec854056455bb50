"""Where two measured curves change places, and how surely.

Pure arithmetic on points of measurement, such as latency over bandwidth; `figures/` marks the
result and lists it. A curve is straight between neighbouring points on two logarithmic axes, which
is how it is drawn, and which a time of `bytes / rate` follows exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import inf, log, nan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

NEARLY_PARALLEL = 10.0
"""From this sensitivity on: a curve that is 1 % off has moved the crossover by 10 % or more."""


@dataclass(frozen=True)
class Curve:
    """`y` at `x` (ascending, above 0, the same for all curves compared), with its 95 % interval.

    A `y` that is NaN or not above 0 is unknown there, and so is everything next to it. `low` and
    `high` are NaN where there is no interval.
    """

    name: str
    x: Points
    y: Points
    low: Points
    high: Points


@dataclass(frozen=True)
class Crossover:
    """`below` has the smaller y below x = `at`, `above` above it; both have `y` there.

    low, high: 95 % interval of `at`; None where the curves' intervals do not tell the two apart
    up to the last point on that side. neighbours: the points of measurement on either side.
    sensitivity: by how many % `at` moves where either curve is 1 % off; inf where they lie on each
    other.
    """

    below: str
    above: str
    at: float
    low: float | None
    high: float | None
    y: float
    neighbours: tuple[float, float]
    sensitivity: float


def crossovers(curves: Sequence[Curve], *others: Sequence[Curve]) -> list[Crossover]:
    """All crossovers of every two of the curves, in ascending order of where they are.

    others: the same curves as they could also be, where what made them is not known exactly. An
    interval holds that of the same crossover in each; where two curves do not cross in one, it has
    no end on the side to which the crossover has gone.
    """
    found = [one for a, b in combinations(curves, 2) for one in between(a, b)]
    if others:
        found = [_widened(one, curves, others) for one in found]
    return sorted(found, key=lambda one: one.at)


def _widened(
    one: Crossover, curves: Sequence[Curve], others: Sequence[Sequence[Curve]]
) -> Crossover:
    """Its interval and that of the same crossover among the other curves, as one."""
    lows, highs = zip(
        _ends(one, curves), *(_ends_among(one, other) for other in others), strict=True
    )
    low, high = min(lows), max(highs)
    return replace(one, low=low if low > 0 else None, high=high if high < inf else None)


def _ends_among(one: Crossover, curves: Sequence[Curve]) -> tuple[float, float]:
    """Where the same two change places among these curves: the ends of it, 0 and inf beyond all."""
    below, above = (next(c for c in curves if c.name == name) for name in (one.below, one.above))
    same = [each for each in between(below, above) if each.below == one.below]
    if same:
        return _ends(min(same, key=lambda each: abs(log(each.at / one.at))), curves)
    gone_up = _at(below, one.at) < _at(above, one.at)
    return (one.at, inf) if gone_up else (0.0, one.at)


def _ends(one: Crossover, curves: Sequence[Curve]) -> tuple[float, float]:
    """Of its interval: 0 and inf where it has no end, the crossover itself without an interval."""
    two = [curve for curve in curves if curve.name in (one.below, one.above)]
    if any(np.isnan(curve.low).all() for curve in two):
        return one.at, one.at
    return (one.low or 0.0), (inf if one.high is None else one.high)


def log_ratio_interval(a: Curve, b: Curve) -> tuple[Points, Points]:
    """95 % interval of log(a/b) at each point; NaN where either curve has none.

    Intervals of two independent means combined by Zou and Donner's method (Statistics in Medicine
    27, 2008, p. 1693).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        a_down, a_up, b_down, b_up = (
            np.abs(np.log(np.where(end > 0, end, nan) / curve.y))
            for curve in (a, b)
            for end in (curve.low, curve.high)
        )
        gap = np.log(a.y / b.y)
    known = ~np.isnan(a_down + a_up + b_down + b_up)
    low, high = gap - np.hypot(a_down, b_up), gap + np.hypot(a_up, b_down)
    return np.where(known, low, nan), np.where(known, high, nan)


def changes_the_smallest(one: Crossover, curves: Sequence[Curve]) -> bool:
    """Whether no curve is below the two that cross, so that the smallest is another from there."""
    others = [curve for curve in curves if curve.name not in (one.below, one.above)]
    return all(not _at(curve, one.at) < one.y for curve in others)


def between(a: Curve, b: Curve) -> list[Crossover]:
    """Where `a` and `b` change places.

    Within a stretch in which their intervals do not tell them apart they may cross back and forth
    by chance; that is one crossover where they leave it the other way round, and none where not.
    The interval of `at` is where `log_ratio_interval` holds 0. Curves that touch, or are equal up
    to the last point, do not cross.
    """
    known = np.flatnonzero((a.y > 0) & (b.y > 0))  # NaN is not
    stretches = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    return [one for rows in stretches for one in _in_stretch(a, b, rows)]


def _in_stretch(a: Curve, b: Curve, rows: npt.NDArray[np.int64]) -> list[Crossover]:
    """Crossovers among neighbouring points, at all of which both curves are known."""
    u, log_a, log_b = (np.log(values[rows]) for values in (a.x, a.y, b.y))
    gap = log_a - log_b
    low, high = (end[rows] for end in log_ratio_interval(a, b))
    has_interval = not np.isnan(low).all()
    if has_interval:  # without one at a point, anything is possible there
        low, high = np.nan_to_num(low, nan=-inf), np.nan_to_num(high, nan=inf)
    else:  # the curves are taken as they are
        low = high = gap
    found = []
    for group in _groups(u, gap, (low > 0) | (high < 0)):
        if len(group) % 2 == 0:
            continue  # they leave the stretch as they came
        first, middle, last = group[0], group[len(group) // 2], group[-1]
        names = (a.name, b.name) if gap[first.left] < 0 else (b.name, a.name)
        starts = _leaves_zero(u, low, high, range(first.left, -1, -1))
        ends = _leaves_zero(u, low, high, range(last.right, u.size))
        found.append(
            Crossover(
                *names,
                at=float(np.exp(middle.at)),
                low=starts if has_interval else None,
                high=ends if has_interval else None,
                y=float(np.exp(np.interp(middle.at, u, log_a))),
                neighbours=(float(a.x[rows[middle.left]]), float(a.x[rows[middle.right]])),
                sensitivity=_sensitivity(u, gap, middle),
            )
        )
    return found


def _at(curve: Curve, x: float) -> float:
    """The curve at `x`; NaN where a point next to it is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.exp(np.interp(np.log(x), np.log(curve.x), np.log(curve.y))))


class _Change(NamedTuple):
    """The gap has one sign at point `left`, the other at point `right`; it is 0 at u = `at`."""

    at: float
    left: int
    right: int


def _groups(u: Points, gap: Points, settled: npt.NDArray[np.bool_]) -> list[list[_Change]]:
    """Where the gap changes its sign, those together between which no point tells curves apart."""
    groups: list[list[_Change]] = []
    for left, right in pairwise(np.flatnonzero(gap).tolist()):
        if gap[left] * gap[right] > 0:
            continue
        if right == left + 1:
            at = u[left] + (u[right] - u[left]) * gap[left] / (gap[left] - gap[right])
        else:
            at = (u[left + 1] + u[right - 1]) / 2  # equal at one point, or for a while
        if not groups or settled[groups[-1][-1].right : left + 1].any():
            groups.append([])
        groups[-1].append(_Change(float(at), left, right))
    return groups


def _sensitivity(u: Points, gap: Points, change: _Change) -> float:
    """The inverse of how steep the gap is from one side of its change to the other."""
    rise = abs(gap[change.right] - gap[change.left])
    return float((u[change.right] - u[change.left]) / rise)


def _leaves_zero(u: Points, low: Points, high: Points, walk: range) -> float | None:
    """Where, walking away from a crossing, the interval of the gap no longer holds 0; or never."""
    for point in walk:
        edge = low if low[point] > 0 else high
        if low[point] > 0 or high[point] < 0:
            before = point - walk.step
            share = edge[point] / (edge[point] - edge[before])  # 0 if `before` has no interval
            return float(np.exp(u[point] + share * (u[before] - u[point])))
    return None
