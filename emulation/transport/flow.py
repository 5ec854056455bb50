"""What one direction of a persistent TCP connection does with messages on an emulated link.

A `Flow` keeps what a kernel keeps between messages (window, round trips, when it last sent) and
says of each message when its last byte is at the far end. It has no clock: times are passed in, and
do not run backwards. The work for a message is that of the flights it takes and of the segments it
loses, not of all its segments: a flight crosses the path as one train, and its acknowledgements,
one for every second segment, come evenly spaced.

    send ─> window ─> path forward (loss, queue, rate, delay) ─> far end
               └──<── path reverse: acknowledgements ──<──┘

Left out: the receiver's window (it costs the second message of a connection a flight now and
then), retransmission timeouts that an outage or a deep queue provokes without a loss.

Where to look next: `crossing.py` (trains), `congestion.py` (the window), `recovery.py` (losses).
Sources: RFC 9293, RFC 5681, RFC 1122 section 4.2.3.2; Linux net/ipv4/tcp_output.c, tcp_input.c.
"""

from math import inf
from typing import Any

from emulation.spec import MTU_BYTES
from emulation.transport.congestion import Acks
from emulation.transport.crossing import SEGMENTS_PER_ACK, Congestion, Crossing, Train
from emulation.transport.recovery import Flight, Repair
from emulation.transport.timers import DELAYED_ACK_S, JIFFY_S, RoundTrips
from emulation.transport.train_lane import ExpectedAcks, Losses, TrainLane

HEADER_BYTES = 52
"""IP (20) and TCP (20) with timestamps (12); an acknowledgement is nothing else."""
MSS_BYTES = MTU_BYTES - HEADER_BYTES
QUICK_SEGMENTS = 16
"""Acknowledged one by one at first (TCP_MAX_QUICKACKS)."""
LIMITED_TRANSMIT = 2
"""New segments sent in answer to the first duplicate acknowledgements (RFC 3042)."""
_NOTHING_DUE = (0.0, 0)


class Flow:
    """One direction of an established connection.

    forward: what the data crosses; reverse: what acknowledgements cross. Other flows may use them
    too; a message then waits for the trains sent before it. congestion: what limits the window.
    rtt_s: a first measurement, from the handshake.
    """

    def __init__(
        self,
        forward: TrainLane[Any],
        reverse: TrainLane[Any],
        congestion: Congestion,
        rtt_s: float,
        now_s: float = 0.0,
    ) -> None:
        self.congestion = congestion
        self.round_trips = RoundTrips(rtt_s)
        self._crossing = Crossing(forward, congestion)
        self._forward = forward
        self._reverse = reverse
        self._ack_s = HEADER_BYTES * reverse.s_per_byte
        self._back_s = forward.delay_s + reverse.delay_s + self._ack_s
        self._quick = QUICK_SEGMENTS
        self._each = 1
        self._sent_s = self._acked_s = self.arrived_s = now_s
        self._flight: Flight | None = None
        self._next = _NOTHING_DUE
        self._lost: Losses = []
        self._filled_window = False
        self._most_in_flight = self._unpaired = self._counted_before = self._acknowledged_before = 0

    def send(self, now_s: float, size_bytes: int) -> float:
        """`size_bytes` are written now; returns when the last can be read at the far end.

        Infinity when the path loses everything and the connection is given up.
        """
        while size_bytes > 0:
            taken, now_s = self.offer(now_s, size_bytes)
            size_bytes -= taken
        return self.arrived_s

    def offer(self, now_s: float, size_bytes: int) -> tuple[int, float]:
        """Send of `size_bytes` that wait what the window has room for.

        Returns how many were sent, which `arrived_s` then speaks of, and when to offer the rest.
        """
        if self.arrived_s == inf:
            return size_bytes, now_s
        at_s, room = self._resume(now_s)
        if room <= 0 and self._flight is not None:
            self._next = self._settle(self._flight)
            return 0, self._next[0]
        taken = room * MSS_BYTES
        segments = room
        if taken >= size_bytes:
            segments, taken = -(-size_bytes // MSS_BYTES), size_bytes
        more = taken < size_bytes
        flight = self._transmit(at_s, segments, segments * MSS_BYTES - taken)
        if self._lost:
            self._next = self._repair(flight, more)
            if self.arrived_s == inf:
                return size_bytes, at_s
        elif more:
            self._next = self._settle(flight)
        if more:
            return taken, self._next[0]
        self._next = _NOTHING_DUE
        self._acked_s = self.arrived_s + self._reverse.delay_s + self._ack_s
        return taken, at_s

    def _resume(self, now_s: float) -> tuple[float, int]:
        """When something can be sent, and how many segments; settles what is over."""
        congestion, flight = self.congestion, self._flight
        if self._next is not _NOTHING_DUE:
            at_s, room = self._next
            self._next = _NOTHING_DUE
            return max(now_s, at_s), room
        if now_s >= self._acked_s:
            if flight is not None:
                self._settle(flight)
            congestion.begin(now_s - self._sent_s, self.round_trips.rto_s())
            self._filled_window = False
            self._most_in_flight = self._unpaired = self._counted_before = (
                self._acknowledged_before
            ) = 0
            return now_s, congestion.window
        if flight is None:
            return now_s, congestion.window
        now_s = max(now_s, flight.sent_s)
        each = self._each
        first_s = flight.begin_s + each * flight.gap_s + self._back_s
        if now_s > first_s and flight.gap_s > 0:
            acked = each * (1 + int((now_s - first_s) / (each * flight.gap_s)))
            if acked >= flight.count:
                self._settle(flight)
                return now_s, congestion.window
            self._acknowledge(flight, acked)
            flight.count -= acked
            flight.begin_s += acked * flight.gap_s
        return now_s, congestion.window - flight.count

    def _transmit(self, at_s: float, segments: int, spare_bytes: int) -> Flight:
        """Put segments on the path, as a flight of their own or as more of the present one.

        Leaves their losses in `_lost`, as positions in the flight.
        """
        congestion, flight = self.congestion, self._flight
        slow = congestion.slow
        replaced = self._acknowledged_before if flight is None else 0
        train = self._crossing.send(at_s, segments, spare_bytes, replaced)
        self._sent_s = train.sent_s
        self.arrived_s = max(self.arrived_s, train.arrived_s)
        self._lost = train.lost
        self._send_acks(train, segments)
        if flight is None:
            self._flight = flight = Flight(
                at_s, train.begin_s, train.end_s, train.gap_s, segments, replaced > 0, slow
            )
        else:
            if train.lost:
                self._lost = [flight.count + position for position in train.lost]
            flight.count += segments
            flight.end_s = train.end_s
        count = flight.count
        if count >= congestion.window:
            self._filled_window = True
        self._most_in_flight = max(self._most_in_flight, count)
        return flight

    def _send_acks(self, train: Train, segments: int) -> None:
        """Acknowledgements use the reverse path: its losses, its order, and its rate if they are
        too many for it; what is sent on that path after them waits for them then.

        That of an odd last segment is delayed, and goes with the answer (RFC 1122, 4.2.3.2).
        """
        reverse = self._reverse
        each = self._each
        acks = segments // each
        if not acks:
            return
        if reverse.lossy:
            reverse.losses(acks, HEADER_BYTES)
        size_bytes = acks * HEADER_BYTES
        if self._ack_s <= each * self._forward.packet_s:
            reverse.count(acks, size_bytes)
            size_bytes = 0
        if size_bytes or reverse.jittery:
            first_s, last_s = train.begin_s + self._forward.delay_s, train.arrived_s
            reverse.expected.append(
                ExpectedAcks(first_s, last_s, acks, each * train.gap_s, size_bytes)
            )

    def _settle(self, flight: Flight) -> tuple[float, int]:
        """The flight has been acknowledged; returns when that began, and the room it made."""
        self._flight = None
        each = self._each
        first_s = self._acknowledge(flight, flight.count)
        self._acknowledged_before = flight.count
        unpaired = (flight.count + self._unpaired) % each
        if unpaired and first_s - flight.end_s > DELAYED_ACK_S + JIFFY_S:
            unpaired = 0
        self._unpaired = unpaired
        return first_s, max(1, self.congestion.window - unpaired)

    def _acknowledge(self, flight: Flight, segments: int) -> float:
        """Tell window and timers of acknowledgements; returns when the first of them came."""
        congestion, segment_s = self.congestion, self._forward.packet_s
        each = self._each
        self._quick -= segments
        if self._quick <= 0:
            self._each = SEGMENTS_PER_ACK
        first_s = flight.begin_s + min(each - self._unpaired, segments) * segment_s + self._back_s
        rtt_s = first_s - flight.sent_s
        acks = -(-segments // each)
        gap_s = max(each * flight.gap_s, self._ack_s)
        if congestion.gap_s:
            step_s = max(0.0, each * (segment_s - congestion.gap_s))
        elif flight.clocked:
            step_s = each * segment_s / 2 if flight.slow else 0.0
        else:
            step_s = each * segment_s
        self.round_trips.train(acks, rtt_s, step_s)
        if segments > (before := self._counted_before):
            grown, most, full = segments - before, self._most_in_flight, self._filled_window
            seen = (first_s, gap_s, rtt_s, step_s, segment_s)
            congestion.acked(Acks(grown, each, most, full, *seen))
        self._counted_before = 0
        if congestion.gap_s:
            first_s = max(first_s, flight.sent_s + segments * congestion.gap_s)
        return first_s

    def _repair(self, flight: Flight, more: bool) -> tuple[float, int]:
        """Repair the flight; returns when to go on, and with how many segments."""
        congestion, lost = self.congestion, self._lost
        self._flight, self._unpaired = None, 0
        first, counted_before = lost[0], self._counted_before
        go_on_s = flight.begin_s + self._each * flight.gap_s + self._back_s
        if first:
            go_on_s = self._acknowledge(flight, first)
        repair = Repair(self._forward, self.round_trips, flight, self._back_s, more)
        repair.send_again(lost)
        self._crossing.again_s += repair.due_s
        self.arrived_s = max(self.arrived_s, repair.arrived_s)
        delivered = flight.count - len(lost)
        self._acknowledged_before = max(1, delivered)
        share = 1.0
        if repair.timeouts:
            congestion.timed_out()
        elif lost[-1] >= counted_before:
            share = congestion.lost(delivered - first)
        if repair.timeouts or not delivered:
            self._counted_before = 0
            return repair.arrived_s + self._back_s, max(1, congestion.window)
        before = first * (2 if flight.slow else 1)
        self._counted_before = before + LIMITED_TRANSMIT
        if not first:
            last_s = flight.begin_s + flight.count * flight.gap_s + self._back_s
            go_on_s = max(go_on_s, min(repair.noticed_s, last_s))
        return go_on_s, max(1, before + int(share * (delivered - first)))
