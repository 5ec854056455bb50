"""The rate of a lane, from when the datagrams of a train arrived; what `probe.py` computes."""

import numpy as np
from numpy.typing import NDArray

from emulation.probe_plan import Train

FEWEST_ARRIVALS = 5
"""Fewer say nothing about a rate."""

Seconds = NDArray[np.float64]


def rate_within(
    train: Train, times_s: Seconds, highest: NDArray[np.int64], idle_s: float, loss: float
) -> tuple[float | None, float]:
    """The mean over the whole window: bits per second, and how long it was measured.

    times_s, highest: (N,) when each datagram arrived, and the highest index by then. idle_s: for
    how long the sender, being late, left the lane nothing to carry; not counted. None: too few
    arrived to tell.
    """
    if len(times_s) < FEWEST_ARRIVALS:
        return None, 0.0
    window_s = float(times_s[-1] - times_s[0]) - idle_s
    if window_s <= 0:
        return None, window_s
    carried = _carried(highest, train.fragments, loss)
    return float(carried[-1]) * train.datagram_bytes * 8 / window_s, window_s


def steady_rate(
    train: Train, times_s: Seconds, highest: NDArray[np.int64], idle_s: float, loss: float
) -> tuple[float | None, float]:
    """As `rate_within`, of a lane whose rate is steady: the slope of a line through all arrivals.

    Jitter moves single arrivals and hardly the line, while the first and the last alone are off by
    a jitter or two: where order is kept, the last is always one of the late ones.
    """
    mean_bps, window_s = rate_within(train, times_s, highest, idle_s, loss)
    if mean_bps is None:
        return None, window_s
    since_s = times_s - times_s[0]
    slope_per_s = float(np.polyfit(since_s, _carried(highest, train.fragments, loss), 1)[0])
    return slope_per_s * train.datagram_bytes * 8 * float(since_s[-1]) / window_s, window_s


def _carried(highest: NDArray[np.int64], fragments: int, loss: float) -> NDArray[np.float64]:
    """Datagrams' worth of bytes that the lane has carried by each arrival, counted from the first.

    What was lost used no rate, but of a datagram of several fragments that did not arrive, those
    did that were not lost; how many is told by the loss.
    """
    arrived: NDArray[np.float64] = np.arange(len(highest), dtype=np.float64)
    if fragments == 1 or loss == 0:
        return arrived
    missing: NDArray[np.float64] = highest - highest[0] - arrived
    return arrived + missing * _surviving(fragments, loss)


def _surviving(fragments: int, loss: float) -> float:
    """Expected share not lost, of a datagram that lost at least one of its fragments."""
    whole = (1 - loss) ** fragments
    return ((1 - loss) - whole) / (1 - whole)
