"""How segments get onto their path: in bursts, clocked by acknowledgements, or paced."""

from dataclasses import dataclass
from math import ceil
from typing import Any, TypeAlias

from emulation.spec import MTU_BYTES
from emulation.transport.bbr import Bbr
from emulation.transport.congestion import Reno
from emulation.transport.train_lane import Losses, TrainLane

Congestion: TypeAlias = Reno | Bbr
"""What limits a sender; Cubic is a Reno."""

SEGMENTS_PER_ACK = 2
CREDIT_BURSTS = 1.5
"""Of a paced train leave at once: one burst, and half of another's wait (Linux's pacing credit)."""


@dataclass(slots=True)
class Train:
    """What became of segments put on the path.

    begin_s, end_s: when the first begins and the last ends to be served; gap_s: between two of
    them. sent_s: when the last was sent. arrived_s: when the last is there. lost: positions.
    """

    begin_s: float
    end_s: float
    gap_s: float
    sent_s: float
    arrived_s: float
    lost: Losses


class Crossing:
    """Puts segments on the path.

    again_s: when segments known to be lost are due for being sent again, among those that follow.
    """

    def __init__(self, forward: TrainLane[Any], congestion: Congestion) -> None:
        self.again_s: list[float] = []
        self._forward = forward
        self._congestion = congestion

    def send(self, at_s: float, segments: int, spare_bytes: int, replaced: int) -> Train:
        """Segments of which the last is `spare_bytes` short, from `at_s` on.

        replaced: how many acknowledged ones they answer; 0 when nothing sets their pace.
        """
        forward, congestion = self._forward, self._congestion
        if forward.expected:
            forward.catch_up(at_s)
        begin_s = max(at_s, forward.free_at_s())
        lost = forward.losses(segments) if forward.lossy else []
        gap_s, pace_s, sent_s, until_s = forward.packet_s, congestion.gap_s, at_s, 0.0
        if pace_s > 0:
            if segments > congestion.burst:
                sent_s += (segments - CREDIT_BURSTS * congestion.burst) * pace_s
                until_s = sent_s + congestion.burst * gap_s
                gap_s = max(gap_s, pace_s)
        elif replaced:
            sent_s += segments * gap_s / (2 if congestion.slow else 1)
        if forward.managed:
            step_s = (sent_s - at_s) / segments
            lost, end_s = forward.one_by_one(at_s, step_s, segments, spare_bytes, lost)
        else:
            size_bytes = segments * MTU_BYTES - spare_bytes
            if size_bytes + forward.backlog_bytes(at_s) > forward.queue_bytes:
                lost = self._overflow(at_s, segments, replaced, lost)
            if lost:
                size_bytes = max(0, size_bytes - len(lost) * MTU_BYTES)
            end_s = forward.train(at_s, segments - len(lost), size_bytes, until_s)
        arrived_s = forward.arrival_s(end_s, segments)
        if self.again_s:
            arrived_s = max(arrived_s, self._send_again(begin_s, gap_s, end_s))
        return Train(begin_s, end_s, gap_s, sent_s, arrived_s, lost)

    def _send_again(self, begin_s: float, gap_s: float, end_s: float) -> float:
        """Have what was lost earlier cross among the segments of a train, each in its turn.

        Returns when the last of them, and the train they delay, has arrived.
        """
        forward, arrived_s = self._forward, 0.0
        for due_s in sorted(self.again_s):
            if due_s >= end_s:
                end_s = forward.train(due_s, 1, MTU_BYTES)
                arrived_s = max(arrived_s, forward.arrival_s(end_s, 1))
            else:
                free_s = forward.train(begin_s, 1, MTU_BYTES)
                own_s = forward.arrival_s(min(free_s, max(begin_s, due_s) + 2 * gap_s), 1)
                arrived_s = max(arrived_s, own_s, free_s + forward.delay_s)
        self.again_s.clear()
        return arrived_s

    def _overflow(self, at_s: float, segments: int, replaced: int, lost: Losses) -> Losses:
        """Add to the lost ones those that find the queue full; count both."""
        forward, congestion = self._forward, self._congestion
        room = int((forward.queue_bytes - forward.backlog_bytes(at_s)) / MTU_BYTES)
        if congestion.gap_s:
            dropped = overflowed(room, segments, min(1.0, congestion.gap_s / forward.packet_s))
        elif not replaced:
            dropped = overflowed(room, segments, 0.0)
        elif congestion.slow:
            dropped = overflowed(room, segments, 0.5)
        else:
            dropped = outgrown(room, segments, replaced, SEGMENTS_PER_ACK)
        found_full = sorted(set(dropped).difference(lost))
        forward.overflow(len(found_full))
        return sorted([*lost, *found_full]) if found_full else lost


def overflowed(room: int, segments: int, kept: float) -> Losses:
    """Positions of a train that find the queue full: `room` packets still fit as it begins.

    kept: how many are served from one segment of the train to the next: 0 when they come all at
    once, a half when they come at twice the rate of the bottleneck, as in slow start.
    """
    if segments <= room or kept >= 1:
        return []
    share = 1 - kept
    first = max(0, ceil((room - kept) / share)) if room > 0 else 0
    count = ceil((segments - first) * share)
    positions = (first + int(index / share) for index in range(count))
    return [position for position in positions if position < segments]


def outgrown(room: int, segments: int, replaced: int, each: int) -> Losses:
    """The same for a train that replaces `replaced` segments as these leave the queue.

    Only what the window has grown by can be too much: a burst of `each` and one, where room is for
    fewer.
    """
    excess = min(segments - replaced, each + 1 - room, segments - 1)
    last = segments - 1
    return list(range(last - excess, last)) if excess > 0 else []
