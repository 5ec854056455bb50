"""How a reliable byte stream behaves on a lane.

`Stream` is one direction of a TCP connection: bytes written at the near end are delivered in order
at the far end, in segments of 1448 bytes that cross the forward lane, while acknowledgements (one
for every two segments, and one for each last segment) cross the reverse lane as packets of their
own. It counts bytes and never sees them, and runs in wall time as in virtual time.

A lost segment costs what it costs a kernel: it is noticed when one sent three or more later has
been acknowledged, or any later one a quarter of the round trip ago (after RACK, RFC 8985); at the
tail of what there is to send, after a probe; and then by the retransmission timer, doubling
(`round_trips.py`). A retransmission can be lost like any packet.

Left out: slow start and congestion control. The sender knows the lane, sends at its rate, and
keeps its queue short (`feeder.py`); the reader has room for everything, so whoever writes
bounds what is under way; no acknowledgement rides on data; a connection is never given up.
"""

from collections import deque
from collections.abc import Callable
from math import inf

from emulation.simpy.carrier import Carrier
from emulation.simpy.feeder import Feeder
from emulation.simpy.pacer import call_at
from emulation.simpy.round_trips import RoundTrips
from emulation.simpy.segments import HEADER_BYTES, Ack, Receiver, Segment

MSS_BYTES = 1448
"""Payload of a full segment: 1500 less 20 (IP), 20 (TCP) and 12 (timestamps)."""
LATER_SEGMENTS = 3
"""A transmission this much earlier than an acknowledged one, and still missing, is lost."""


class Stream:
    """The near end of one direction of a connection; it owns the far end.

    feeder: of the lane the data crosses. reverse: the lane acknowledgements cross. rtt_s: a first
    measurement, from the handshake. deliver(n): n more bytes are at the far end, in order.
    finish(): the far end has everything, and nothing more will come.
    """

    def __init__(
        self,
        feeder: Feeder,
        reverse: Carrier,
        rtt_s: float,
        deliver: Callable[[int], None],
        finish: Callable[[], None],
    ) -> None:
        self.queued = False
        self._feeder = feeder
        self._forward = feeder.carrier
        self._env = feeder.carrier.env
        self._receiver = Receiver(feeder.carrier, reverse, self.delivered, self.acknowledge)
        self._round_trips = RoundTrips(rtt_s)
        self._deliver = deliver
        self._finish = finish
        self._written = self._sent = self._acked = self._delivered = 0
        self._closed = self._finished = False
        self._order = self._newest = 0
        self._holes: deque[tuple[int, int, int]] = deque()
        self._resend: deque[tuple[int, int]] = deque()
        self._last_segment = (0, 0)
        self._timed: tuple[int, float] | None = None
        self._reordering_wait = False
        self._timer_s = inf
        self._silent_since_s = self._env.now
        self._timeouts = 0

    def write(self, count: int) -> None:
        """`count` more bytes are there to be sent."""
        self._written += count
        self._feeder.ready(self)

    def close(self) -> None:
        """Nothing more will be written. The end of the stream is one more byte, as in TCP."""
        self._closed = True
        self._feeder.ready(self)

    def abort(self) -> None:
        """Send nothing more, deliver nothing more; what is on its way is forgotten."""
        self._finished = True
        self._written = self._sent = self._acked = 0
        self._closed = False
        self._holes.clear()
        self._resend.clear()

    def can_send(self) -> bool:
        """Whether a segment is due for sending, for the first time or again."""
        return bool(self._resend) or self._sent < self._written + self._closed

    def send_next(self) -> float | None:
        """Send a segment again if one is known to be lost, else the next new one."""
        if self._resend:
            return self._transmit(*self._resend.popleft())
        length = min(MSS_BYTES, self._written - self._sent) or 1
        start = self._sent
        self._sent += length
        return self._transmit(start, length)

    def acknowledge(self, ack: Ack) -> None:
        """Learn what arrived; send on, or again what later arrivals show to be lost."""
        if ack.newest <= self._newest and ack.below <= self._acked:
            return
        self._acked = max(self._acked, ack.below)
        self._newest = max(self._newest, ack.newest)
        self._silent_since_s, self._timeouts = self._env.now, 0
        if self._timed is not None and self._newest >= self._timed[0]:
            self._round_trips.sample(self._env.now - self._timed[1])
            self._timed = None
        if self._holes:
            self._repair()
        self._feeder.ready(self)

    def delivered(self, below: int) -> None:
        """The far end has everything below `below` in order."""
        if self._finished:
            return
        fresh = min(below, self._written) - self._delivered
        if fresh:
            self._delivered += fresh
            self._deliver(fresh)
        if self._closed and below > self._written:
            self._finished = True
            self._finish()

    def _transmit(self, start: int, length: int) -> float | None:
        self._order += 1
        self._last_segment = (start, length)
        last = not self.can_send()
        segment = Segment(self._receiver, start, length, self._order, last)
        size_bytes = HEADER_BYTES + min(length, self._written - start)
        arrival_s = self._forward.send(size_bytes, segment, prompt=False)
        if arrival_s is None:
            self._holes.append((self._order, start, length))
        elif self._timed is None:
            self._timed = (self._order, self._env.now)
        self._silent_since_s = self._env.now
        self._set_timer()
        return arrival_s

    def _repair(self) -> None:
        """Send again what a much later arrival proves lost; wait a little with the others."""
        self._give_up_before(self._newest - LATER_SEGMENTS + 1)
        if self._holes and self._holes[0][0] < self._newest and not self._reordering_wait:
            self._reordering_wait = True
            seen = self._newest

            def no_reordering() -> None:
                self._reordering_wait = False
                self._give_up_before(seen)
                self._feeder.ready(self)

            call_at(self._env, self._env.now + self._round_trips.reordering_s(), no_reordering)

    def _give_up_before(self, order: int) -> None:
        while self._holes and self._holes[0][0] < order:
            _, start, length = self._holes.popleft()
            self._resend.append((start, length))

    def _set_timer(self) -> None:
        """Wake up at the deadline, unless a wake-up comes before it: that one looks again."""
        deadline_s = self._deadline_s()
        if deadline_s < self._timer_s:
            self._timer_s = deadline_s
            call_at(self._env, deadline_s, self._look_at_clock)

    def _deadline_s(self) -> float:
        if self._timeouts == 0:
            lone = self._sent - self._acked <= MSS_BYTES
            return self._silent_since_s + self._round_trips.probe_timeout_s(lone)
        wait_s = self._round_trips.retransmission_timeout_s(self._timeouts - 1)
        return self._silent_since_s + wait_s

    def _look_at_clock(self) -> None:
        if self._env.now < self._timer_s:  # an earlier wake-up has taken the place of this one
            return
        self._timer_s = inf
        if self._acked >= self._sent:
            return
        if self.queued:  # what is still to be sent will do as a probe
            self._silent_since_s = self._env.now
        elif self._env.now >= self._deadline_s():
            self._time_out()
        self._set_timer()

    def _time_out(self) -> None:
        """Nothing was heard: probe with the last segment at first, then send the oldest hole."""
        self._silent_since_s = self._env.now
        again = self._last_segment
        if self._timeouts and self._holes:
            again = min((start, length) for _, start, length in self._holes)
        self._timeouts += 1
        self._holes = deque(hole for hole in self._holes if hole[1] != again[0])
        self._resend.append(again)
        self._feeder.ready(self)
