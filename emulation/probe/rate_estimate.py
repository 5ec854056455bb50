"""The rate of a lane, from when the datagrams of a train arrived; what `measure.py` computes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import theilslopes

from emulation.probe.plan import Train

FEWEST_ARRIVALS = 5
"""Fewer say nothing about a rate."""

MOST_ON_LINE = 600
"""Arrivals that a line is laid through, about: the cost grows with their square."""

Seconds = NDArray[np.float64]


def busy_times(
    times_s: Seconds, highest: NDArray[np.int64], idle: Sequence[tuple[int, float]]
) -> Seconds:
    """Arrivals as they would have been, had the sender never left the lane without work.

    times_s, highest: (N,) when each datagram arrived, and the highest index by then. idle: before
    which index, and for how long, the lane had nothing to carry.
    """
    if not idle:
        return times_s
    indices, lasted_s = zip(*idle, strict=True)
    until_s = np.concatenate([[0.0], np.cumsum(lasted_s)])
    corrected: Seconds = times_s - until_s[np.searchsorted(indices, highest, side="right")]
    return corrected


def rate_of(
    train: Train, times_s: Seconds, highest: NDArray[np.int64], loss: float, *, steady: bool
) -> tuple[float | None, float]:
    """Bits per second, and how long they were measured: from the first arrival to the last.

    times_s, highest: as `busy_times` gives and takes them. None: too few arrived to tell.
    steady: the lane's rate is, so that the slope of a line through the arrivals tells it; else it
    is the mean over the whole window. Jitter moves single arrivals and hardly the line, while the
    first and the last alone are off by a jitter or two: where order is kept, the last is always one
    of the late ones. The median of all pairs' slopes (Theil, 1950; Sen, 1968) also stands a host
    that stops for a moment.
    """
    window_s = float(times_s[-1] - times_s[0]) if len(times_s) >= FEWEST_ARRIVALS else 0.0
    if window_s <= 0:
        return None, window_s
    carried = _carried(highest, train.fragments, loss)
    per_s = carried[-1] / window_s
    if steady:
        every = max(1, len(times_s) // MOST_ON_LINE)
        per_s = theilslopes(carried[::every], times_s[::every])[0]
    return float(per_s) * train.datagram_bytes * 8, window_s


def _carried(highest: NDArray[np.int64], fragments: int, loss: float) -> NDArray[np.float64]:
    """Datagrams' worth of bytes that the lane has carried by each arrival, counted from the first.

    What was lost used no rate, but of a datagram of several fragments that did not arrive, those
    did that were not lost: of fragments of which one at least was lost, the loss tells how many.
    """
    arrived: NDArray[np.float64] = np.arange(len(highest), dtype=np.float64)
    if fragments == 1 or loss == 0:
        return arrived
    missing: NDArray[np.float64] = highest - highest[0] - arrived
    whole = (1 - loss) ** fragments
    return arrived + missing * ((1 - loss) - whole) / (1 - whole)
