"""Lets the byte streams of one lane send in turn, without ever overflowing its queue.

A short queue is kept, as pacing senders do (Linux's fq, BBR); on a trace, whose rate is not known
ahead, as much as fits.
"""

from collections import deque
from typing import Protocol

from emulation.simpy.carrier import Carrier
from emulation.simpy.pacer import call_at
from emulation.spec import MTU_BYTES

QUEUED_S = 2e-3
"""What is kept waiting in the lane's queue, in time at the lane's rate."""
FEWEST_PACKETS = 4


class Sender(Protocol):
    """What takes a turn."""

    queued: bool
    """The feeder's own mark: whether the sender already waits for a turn."""

    def can_send(self) -> bool:
        """Whether there is a packet to send."""
        ...

    def send_next(self) -> float | None:
        """Send one packet, not promptly; returns when it arrives, None if it never will."""
        ...


class Feeder:
    """The turns on one lane."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self._turns: deque[Sender] = deque()
        self._refill_due = False
        spec = carrier.spec
        self._most_bytes = float(spec.queue_bytes)
        if spec.rate_bps is not None:
            paced_bytes = max(FEWEST_PACKETS * MTU_BYTES, spec.rate_bps / 8 * QUEUED_S)
            self._most_bytes = min(self._most_bytes, paced_bytes)

    def ready(self, sender: Sender) -> None:
        """`sender` may have something to send; it is asked when its turn comes."""
        if sender.queued or not sender.can_send():
            return
        sender.queued = True
        self._turns.append(sender)
        if not self._refill_due:
            self._fill()

    def _fill(self) -> None:
        """Send while the queue has room for a packet; come back when half of it has gone."""
        self._refill_due = False
        lane, now_s, turns = self.carrier.lane, self.carrier.env.now, self._turns
        full_bytes = self._most_bytes - MTU_BYTES
        last_arrival_s: float | None = None
        while turns and lane.backlog_bytes(now_s) <= full_bytes:
            sender = turns[0]
            if sender.can_send():
                arrival_s = sender.send_next()
                if arrival_s is not None:
                    last_arrival_s = arrival_s
                turns.rotate(-1)
            else:
                sender.queued = False
                turns.popleft()
        if last_arrival_s is not None:
            self.carrier.wake(last_arrival_s)
        if turns:
            self._refill_due = True
            level_bytes = min(self._most_bytes / 2, full_bytes)
            call_at(self.carrier.env, lane.backlog_falls_to_s(level_bytes), self._fill)
