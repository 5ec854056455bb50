"""Doing the same thing again and again, and the seconds each time took."""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

BUDGET_S = 0.5
LEAST, MOST = 9, 300
WARMUP = 3


def seconds_of(do: Callable[[], object]) -> list[float]:
    """As often as half a second allows, and nine times in any case, after three that warm up."""
    return [sum(steps) for steps in steps_of(lambda: [_timed(do)])]


def median_s(do: Callable[[], object]) -> float:
    """The median of `seconds_of`, to a hundred nanoseconds."""
    return rounded(median(seconds_of(do)))


def steps_of(do: Callable[[], Sequence[float]]) -> list[Sequence[float]]:
    """As `seconds_of`, for what times its own steps.

    Times within which the processor was given to another process are left out, as long as nine
    others remain: they say how busy the machine is, not how fast.
    """
    for _ in range(WARMUP):
        do()
    taken: list[Sequence[float]] = []
    undisturbed: list[Sequence[float]] = []
    end_s = perf_counter() + BUDGET_S
    while len(taken) < LEAST or (len(taken) < MOST and perf_counter() < end_s):
        before = _taken_away()
        steps = do()
        taken.append(steps)
        if _taken_away() == before:
            undisturbed.append(steps)
    return undisturbed if len(undisturbed) >= LEAST else taken


def rounded(value_s: float) -> float:
    """No digit below a hundred nanoseconds means anything."""
    return round(value_s, 7)


def _taken_away() -> int:
    """How often another process got this one's processor; 0 where that cannot be known."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # no Unix
        return 0
    return getrusage(RUSAGE_SELF).ru_nivcsw


def _timed(do: Callable[[], object]) -> float:
    began_s = perf_counter()
    do()
    return perf_counter() - began_s
