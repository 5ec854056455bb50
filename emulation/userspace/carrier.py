"""A lane in SimPy time: packets go in, and each is told when it has arrived.

The lane is a `transport.train_lane.TrainLane`: trains of TCP connections cross it, too.
Works in any SimPy environment: wall time (`pacer.Pacer`) or virtual time (`simpy.Environment`).
"""

from collections.abc import Callable
from typing import Protocol

import simpy

from emulation.spec import LaneSpec
from emulation.transport.train_lane import TrainLane
from emulation.userspace.pacer import call_at

COALESCE_S = 500e-6
"""Packets of one burst are handed over at least this often; each burst's last one exactly."""


class Packet(Protocol):
    """Something that crosses a lane."""

    def arrive(self) -> None:
        """Called at the far end, when the packet has crossed."""
        ...


class Control:
    """A packet that is nothing but what happens when it arrives."""

    __slots__ = ("arrive",)

    def __init__(self, arrive: Callable[[], None]) -> None:
        self.arrive = arrive


class Carrier:
    """One lane and the wake-ups that empty it.

    counted: called whenever the lane's counters have moved, before anybody hears of a packet.
    """

    def __init__(
        self,
        env: simpy.Environment,
        spec: LaneSpec,
        seed: int,
        counted: Callable[[], None] = lambda: None,
    ) -> None:
        self.env = env
        self.spec = spec
        self.lane: TrainLane[Packet] = TrainLane(spec, seed, opened_s=env.now)
        self._counted = counted
        self._overtaking = spec.reorder and spec.jitter_s > 0
        self._last_wake_s = env.now

    def send(self, size_bytes: int, packet: Packet, prompt: bool = True) -> float | None:
        """Offer a packet now; returns when it arrives, None if it never will.

        Unless `prompt`, it may be handed over a little late together with those behind it; the
        last of such a burst must be followed by `wake(its arrival)`.
        """
        arrival_s = self.lane.offer(self.env.now, size_bytes, packet)
        if arrival_s is not None and (
            prompt or self._overtaking or arrival_s >= self._last_wake_s + COALESCE_S
        ):
            self.wake(arrival_s)
        return arrival_s

    def wake(self, time_s: float) -> None:
        """Hand over at `time_s` what has arrived by then."""
        self._last_wake_s = time_s
        call_at(self.env, time_s, self._hand_over)

    def count(self) -> None:
        """Bring the counters up to now and tell whoever wants to know."""
        self.lane.settle(self.env.now)
        self._counted()

    def _hand_over(self) -> None:
        packets = self.lane.due(self.env.now)
        self.count()
        for packet in packets:
            packet.arrive()


def send_surely(
    carrier: Carrier, size_bytes: int, arrived: Callable[[], None], again_after_s: float
) -> None:
    """Send a packet, again after a while if it was lost, until it arrives."""
    if carrier.send(size_bytes, Control(arrived)) is None:
        call_at(
            carrier.env,
            carrier.env.now + again_after_s,
            lambda: send_surely(carrier, size_bytes, arrived, again_after_s),
        )
