"""How lost segments are found missing and sent again: RACK-TLP (RFC 8985) and the RTO (RFC 6298).

A flight is looked at as a whole: segments sent one after another, of which some did not arrive. A
loss costs the same work however many segments arrived around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from emulation.spec import MTU_BYTES
from emulation.transport.timers import DELAYED_ACK_S, RTO_MAX_S, RoundTrips, fires_s
from emulation.transport.train_lane import TrainLane

LATER_SEGMENTS = 3
"""So many later ones acknowledged, and a missing one is lost (RFC 6675)."""
MOST_TRIES = 15
"""Of one segment, before the connection is given up (Linux's tcp_retries2)."""


@dataclass(slots=True)
class Flight:
    """Segments under way: sent from `sent_s` on, served one every `gap_s` from `begin_s`.

    end_s: when the last one has been served. clocked: sent in answer to acknowledgements, not all
    at once. slow: in slow start.
    """

    sent_s: float
    begin_s: float
    end_s: float
    gap_s: float
    count: int
    clocked: bool
    slow: bool


@dataclass(slots=True)
class Repair:
    """The repair of one flight.

    back_s: from being served to being acknowledged at the sender. more: other segments follow
    without anything having to be repaired first.

    What it took, once it is done: noticed_s: when the first loss was noticed. arrived_s: when the
    last segment sent again has arrived, as far as that is known. due_s: when the others are to be
    sent, among what follows. timeouts: how often the retransmission timer had to fire.
    """

    forward: TrainLane[Any]
    trips: RoundTrips
    flight: Flight
    back_s: float
    more: bool
    noticed_s: float = 0.0
    arrived_s: float = 0.0
    due_s: list[float] = field(default_factory=list)
    timeouts: int = 0

    def send_again(self, lost: Sequence[int]) -> None:
        """Send the segments at these positions again until all have arrived."""
        count = self.flight.count
        tail = _tail(lost, count)
        if tail < len(lost):
            self.noticed_s = self._hole_noticed_s(lost[0], len(lost))
            self._fill(lost[: len(lost) - tail], self.noticed_s, tail)
        elif self.more and tail < count:
            self.noticed_s = self._following_s(LATER_SEGMENTS)
            self._flood(self.noticed_s, tail, tail)
        else:
            self.noticed_s = self._probe(tail)

    def _acked_s(self, position: int) -> float:
        """When the acknowledgement of the segment at this position is there."""
        return self.flight.begin_s + (position + 1) * self.flight.gap_s + self.back_s

    def _following_s(self, segments: int) -> float:
        """When so many segments of the next flight have been acknowledged."""
        flight = self.flight
        return max(self._acked_s(0), flight.end_s) + segments * flight.gap_s + self.back_s

    def _hole_noticed_s(self, first: int, lost: int) -> float:
        """When the first hole is known to be one: three later ones, or one and some patience."""
        later = self.flight.count - first - lost
        if later >= LATER_SEGMENTS:
            return self._acked_s(first + LATER_SEGMENTS)
        patient_s = fires_s(self._acked_s(self.flight.count - 1), self.trips.reordering_s())
        if self.more:
            return min(patient_s, self._following_s(LATER_SEGMENTS - later))
        return patient_s

    def _fill(self, inner: Sequence[int], noticed_s: float, tail: int) -> None:
        """Send each hole again as soon as it is one and acknowledgements give leave."""
        flight = self.flight
        known = len(inner) + (tail if self.more else 0)
        last_s = max(noticed_s, self._acked_s(min(inner[-1] + 1, flight.count - 1)))
        if known == 1:
            self._resend(last_s, followed=self.more)
        else:
            leave = max(1, flight.count - inner[0] - LATER_SEGMENTS - known)
            self._flood(noticed_s, known, leave, last_s)
        if tail and not self.more:  # proven lost by the arrival of what was sent again
            self._flood(self.arrived_s + self.back_s, tail, 1)

    def _flood(self, from_s: float, count: int, leave: int, last_s: float = 0.0) -> None:
        """Send `count` holes: the first `leave` one a gap, then twice as many each round trip.

        last_s: the last of them is not known before.
        """
        gap_s = self.flight.gap_s
        sent, batch, at_s = 0, leave, from_s
        while sent < count and self.arrived_s < inf:
            now = min(batch, count - sent)
            sent += now
            for position in range(now):
                send_s = at_s + position * gap_s
                ends = sent == count and position == now - 1
                self._resend(max(send_s, last_s) if ends else send_s, self.more or not ends)
            batch = 2 * now
            at_s += max(self.trips.least_s, now * gap_s)

    def _probe(self, tail: int) -> float:
        """Nothing later will tell: send the last one again as a probe. Returns when that was.

        Its acknowledgement shows what else is missing.
        """
        probe_s = self._probe_due_s(tail)
        self._arrive(self._time_out(probe_s) if self.forward.losses(1) else probe_s)
        if tail > 1:
            self._flood(self.arrived_s + self.back_s, tail - 1, 1)
        return probe_s

    def _probe_due_s(self, tail: int) -> float:
        """The timer of the tail loss probe starts anew with each acknowledgement.

        That of an odd last segment comes late: the receiver waits for a second one, in vain.
        """
        delivered, trips = self.flight.count - tail, self.trips
        if not delivered:
            return fires_s(self.flight.sent_s, trips.probe_s(lone=tail == 1))
        heard_s = self._acked_s(delivered - 1)
        if delivered % 2:
            before_s = self.flight.sent_s if delivered == 1 else self._acked_s(delivered - 2)
            sooner_s = fires_s(before_s, trips.probe_s(lone=False))
            heard_s += DELAYED_ACK_S
            if sooner_s < heard_s:
                return sooner_s
        return fires_s(heard_s, trips.probe_s(lone=tail == 1))

    def _resend(self, at_s: float, followed: bool) -> None:
        """Send one segment again, until it arrives.

        followed: something sent later will be acknowledged, which shows if it is lost again.
        """
        for _ in range(MOST_TRIES):
            if not self.forward.losses(1):
                break
            if not followed:
                at_s = self._time_out(at_s)
                self.arrived_s = max(self.arrived_s, at_s)
                break
            at_s = max(at_s, self.flight.end_s) + 2 * self.flight.gap_s + self.back_s
        else:
            at_s = self.arrived_s = inf
        if self.more and at_s < inf:
            self.due_s.append(at_s)
        else:
            self._arrive(at_s)

    def _time_out(self, from_s: float) -> float:
        """When the timer has made it through: doubled each time that is lost as well."""
        rto_s, at_s = self.trips.rto_s(), from_s
        if at_s == inf:
            return inf
        for _ in range(MOST_TRIES):
            at_s = fires_s(at_s, rto_s)
            self.timeouts += 1
            if not self.forward.losses(1):
                return at_s
            rto_s = min(2 * rto_s, RTO_MAX_S)
        return inf

    def _arrive(self, at_s: float) -> None:
        if at_s == inf:
            self.arrived_s = inf
            return
        served_s = self.forward.train(at_s, 1, MTU_BYTES)
        self.arrived_s = max(self.arrived_s, self.forward.arrival_s(served_s, 1))


def _tail(lost: Sequence[int], count: int) -> int:
    """How many at the very end are lost."""
    tail = 0
    for position in reversed(lost):
        if position != count - 1 - tail:
            break
        tail += 1
    return tail
