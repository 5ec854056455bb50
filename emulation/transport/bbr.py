"""BBR (version 1) as Linux runs it, a whole train at a time.

Source: N. Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14(5), 2016;
Linux net/ipv4/tcp_bbr.c. Left out: PROBE_RTT (once in ten seconds, and never right after a
silence), the policer detector, and the eight phases of PROBE_BW, whose mean gain is one.
"""

from collections import deque
from math import ceil, inf

from emulation.transport.congestion import INITIAL_WINDOW, Acks

HIGH_GAIN = 2.885
WINDOW_GAIN = 2.0
MARGIN = 0.99
"""Paced a little below the estimate."""
FULL_GROWTH = 1.25
FULL_ROUNDS = 3
FILTER_ROUNDS = 10
PROBE_GAIN = 1.25
"""Of the phase of PROBE_BW that looks for more; what it finds outlasts the others in the filter."""
LEAST_WINDOW = 4
QUANTUM_S = 1 / 1024
"""A burst is what is sent in so long (sk_pacing_shift 10), two segments at least."""
SLOW_GAP_S = 1448 * 8 / 1.2e6
"""Below 1.2 Mbit/s segments are sent one by one (bbr_min_tso_rate)."""
LEAST_RTT_S = 1e-6
"""Linux counts microseconds."""


class Bbr:
    """Paces at a gain times the highest delivery rate seen; knows no slow restart."""

    def __init__(self, rtt_s: float) -> None:
        """rtt_s: first measurement, from the handshake."""
        self.window = INITIAL_WINDOW
        self._least_rtt_s = rtt_s
        self._rate = 0.0
        self._served = inf
        self._rounds = 0
        self._taken: deque[tuple[int, float]] = deque()
        self._full = False
        self._full_rate, self._full_rounds = 0.0, 0
        self._before_s = 0.0
        self._limited_by_us = True
        self.gap_s, self.burst = 0.0, 2
        self._pace(HIGH_GAIN * INITIAL_WINDOW / max(rtt_s, LEAST_RTT_S))

    @property
    def slow(self) -> bool:
        """Whether it still looks for the rate."""
        return not self._full

    def begin(self, idle_s: float, rto_s: float) -> None:
        """What is sent first says nothing about the path: the program was what limited."""
        self._before_s = 0.0
        self._limited_by_us = True

    def acked(self, acks: Acks) -> None:
        """Measure the delivery rate, then set pace and window by it."""
        self._least_rtt_s = min(self._least_rtt_s, acks.rtt_s)
        rtt_s = max(acks.rtt_s, LEAST_RTT_S)
        lasts_s = acks.gap_s * acks.segments / acks.each
        if lasts_s <= rtt_s:
            rate = acks.segments / (rtt_s + max(0.0, lasts_s - self._before_s))
        else:  # its end was sent while its head was being acknowledged
            rate = acks.each / acks.gap_s
            if self._full and 0 < acks.service_s * rate < 1:  # nothing but the pace has limited it
                rate = min(PROBE_GAIN * rate, 1 / acks.service_s)
        whole = int(lasts_s / rtt_s)
        limited_by_us = self._limited_by_us and not whole
        self._rounds += 1 + whole
        self._before_s, self._limited_by_us = lasts_s, False
        self._served = acks.each / acks.gap_s if acks.gap_s else inf
        if rate >= self._rate or not limited_by_us:
            self._take(rate)
        for _ in range(min(FULL_ROUNDS + 1, whole + (0 if limited_by_us else 1))):
            self._look_whether_full()
        self._set(acks.segments)

    def lost(self, following: int) -> float:
        """Losses do not slow it down by themselves: the window is restored when they are repaired.

        But the round trip of the repair counts as one in which not the program was what limited,
        so that slow start may end by it, and the estimate fall to what `following` segments show.
        """
        self._rounds += 1
        shown = max(1, following) / max(self._least_rtt_s, LEAST_RTT_S)
        self._take(min(shown, self._served))
        self._look_whether_full()
        self._set(0)
        return 1.0

    def timed_out(self) -> None:
        """One segment, until it is acknowledged."""

    def _take(self, rate: float) -> None:
        """Of the rates taken in the last ten round trips the highest counts."""
        taken = self._taken
        while taken and taken[0][0] < self._rounds - FILTER_ROUNDS:
            taken.popleft()
        while taken and taken[-1][1] <= rate:
            taken.pop()
        taken.append((self._rounds, rate))
        self._rate = taken[0][1]

    def _look_whether_full(self) -> None:
        if self._rate >= self._full_rate * FULL_GROWTH:
            self._full_rate, self._full_rounds = self._rate, 0
        else:
            self._full_rounds += 1
            self._full = self._full or self._full_rounds >= FULL_ROUNDS

    def _set(self, segments: int) -> None:
        pace = self._rate * (1.0 if self._full else HIGH_GAIN)
        if self._full or MARGIN * pace * self.gap_s > 1:
            self._pace(pace)
        gain = WINDOW_GAIN if self._full else HIGH_GAIN
        target = ceil(gain * self._rate * self._least_rtt_s) + 3 * self.burst
        if self._full:
            self.window = min(self.window + segments, target)
        elif self.window < target:
            self.window += segments
        self.window = max(self.window, LEAST_WINDOW)

    def _pace(self, segments_per_s: float) -> None:
        self.gap_s = 1 / (MARGIN * segments_per_s)
        least = 2 if self.gap_s < SLOW_GAP_S else 1
        self.burst = max(least, int(QUANTUM_S / self.gap_s))
