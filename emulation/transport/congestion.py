"""How much a sender may have under way: Reno as Linux runs it, a whole train at a time.

Windows are in segments. `cubic.py` and `bbr.py` are the other two. Sources: RFC 5681 (slow start,
congestion avoidance, restart after idling); Linux net/ipv4/tcp_cong.c and tcp_output.c.
"""

from dataclasses import dataclass
from math import ceil, inf
from typing import ClassVar

INITIAL_WINDOW = 10
"""RFC 6928."""


@dataclass(slots=True)
class Acks:
    """The acknowledgements of one train, evenly spaced.

    segments: what they acknowledge, `each` by each. flight: most segments under way at a time.
    full: whether these filled the window. at_s: when the first acknowledgement is there, gap_s:
    between two of them. rtt_s: the round trip the first one measures, rtt_step_s: how much more
    each further one does. service_s: what the path takes for a segment.
    """

    segments: int
    each: int
    flight: int
    full: bool
    at_s: float
    gap_s: float
    rtt_s: float
    rtt_step_s: float
    service_s: float


class Reno:
    """Slow start, then one segment more each round trip; half the window after a loss.

    window: segments that may be under way. gap_s: least time between segments, 0 where they are
    not paced. burst: how many of them leave at once nevertheless.
    """

    BETA: ClassVar[float] = 0.5

    def __init__(self, rtt_s: float) -> None:
        """rtt_s: first measurement, from the handshake."""
        self.window = INITIAL_WINDOW
        self.threshold: float = inf
        self._counted = 0
        self.gap_s = 0.0
        self.burst = 0

    @property
    def slow(self) -> bool:
        """Whether it is in slow start: the window doubles each round trip."""
        return self.window < self.threshold

    def begin(self, idle_s: float, rto_s: float) -> None:
        """Something is sent again, after everything before it had been acknowledged.

        After a silence of more than an RTO, halve the window for each further one. This is
        tcp_slow_start_after_idle, which is on by default (`tcp_cwnd_restart`).
        """
        if idle_s <= rto_s:
            return
        self.threshold = max(self.threshold, self.window * 0.75)
        floor = min(INITIAL_WINDOW, self.window)
        halvings = min(ceil(idle_s / rto_s) - 1, 30)
        self.window = max(self.window >> halvings, floor)

    def acked(self, acks: Acks) -> None:
        """A whole train has been acknowledged.

        Grow while the window is what limits; in slow start, while it is below twice the use.
        """
        segments = acks.segments
        if self.window < self.threshold:
            segments = self._slow_start(segments, acks)
        if acks.full and segments > 0:
            self._avoid(segments, acks)

    def lost(self, following: int) -> float:
        """Recovery begins; returns the share of what is delivered that may be sent meanwhile.

        following: segments of the flight that arrived behind the first lost one. Proportional rate
        reduction (RFC 6937) sends in proportion to the new window.
        """
        self._reduce()
        self.window = int(self.threshold)
        return self.BETA

    def timed_out(self) -> None:
        """The retransmission timer has fired: start again from one segment."""
        self._reduce()
        self.window = 1

    def _slow_start(self, segments: int, acks: Acks) -> int:
        """A segment more for each acknowledged; returns how many are left when that is over."""
        limit = self.threshold if acks.full else min(self.threshold, 2 * acks.flight)
        if limit >= self.window + segments:
            self.window += segments
            return 0
        grown = max(0, int(limit) - self.window)
        self.window += grown
        return segments - grown if self.window >= self.threshold else 0

    def _avoid(self, segments: int, acks: Acks) -> None:
        self._increase(segments, self.window)

    def _increase(self, segments: int, each: int) -> None:
        """One more for `each` acknowledged (`tcp_cong_avoid_ai`)."""
        counted = self._counted
        if counted >= each:
            counted = 0
            self.window += 1
        more, self._counted = divmod(counted + segments, each)
        self.window += more

    def _reduce(self) -> None:
        self._counted = 0
        self.threshold = max(2, int(self.window * self.BETA))
