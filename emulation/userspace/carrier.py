"""A lane in SimPy time: packets go in, and each is told when it has arrived.

The lane is a `transport.train_lane.TrainLane`: trains of TCP connections cross it, too.
Works in any SimPy environment: wall time (`pacer.Pacer`) or virtual time (`simpy.Environment`).
"""

import mmap
from math import inf
from pathlib import Path
from typing import NamedTuple

import simpy

from emulation.lane import LaneCounters, lane_seeds
from emulation.meter import COUNTERS
from emulation.spec import LaneSpec, LinkSpec, Weather
from emulation.transport.train_lane import TrainLane
from emulation.userspace.pacer import Callback, Pacer, call_at

COALESCE_S = 500e-6
"""Packets of one burst are handed over at least this often; each burst's last one exactly."""


class Packet(NamedTuple):
    """What crosses a lane: all that matters of it is what happens when it arrives, or does not.

    arrive: called at the far end. drop: called when it is known that it will not arrive.
    """

    arrive: Callback
    drop: Callback = lambda: None


class Carrier:
    """One lane and the wake-ups that empty it.

    counted: called whenever the lane's counters have moved, before anybody hears of a packet.
    """

    def __init__(
        self, env: simpy.Environment, spec: LaneSpec, seed: int, counted: Callback = lambda: None
    ) -> None:
        self.env = env
        self.lane: TrainLane[Packet] = TrainLane(spec, seed, env.now, lambda packet: packet.drop())
        self._counted = counted
        self._overtaking = spec.reorder and spec.jitter_s > 0
        self._last_wake_s = env.now
        self._looking = False
        self._closed = False

    def close(self) -> None:
        """Nobody hears any more of what is under way."""
        self._closed = True

    def send(self, size_bytes: int, packet: Packet, prompt: bool = True) -> float | None:
        """Offer a packet now; returns when it arrives, None if that is not known or never.

        Unless `prompt`, it may be handed over a little late together with those behind it; the
        last of such a burst must be followed by `wake(its arrival)`.
        """
        arrival_s = self.lane.offer(self.env.now, size_bytes, packet)
        if arrival_s is None:
            self._look()
        elif prompt or self._overtaking or arrival_s >= self._last_wake_s + COALESCE_S:
            self.wake(arrival_s)
        return arrival_s

    def wake(self, time_s: float) -> None:
        """Hand over at `time_s` what has arrived by then."""
        self._last_wake_s = time_s
        call_at(self.env, time_s, self._hand_over)

    def _look(self) -> None:
        """Where the queue decides later, look again whenever something may be due."""
        looks = self.lane.managed and not (self._looking or self._closed)
        due_s = self.lane.next_due_s() if looks else inf
        if due_s < inf:
            self._looking = True
            call_at(self.env, due_s, self._looked)

    def _looked(self) -> None:
        self._looking = False
        self._hand_over()
        self._look()

    def count(self) -> None:
        """Bring the counters up to now and tell whoever wants to know."""
        self.lane.settle(self.env.now)
        self._counted()

    def _hand_over(self) -> None:
        if self._closed:
            return
        packets = self.lane.due(self.env.now)
        self.count()
        for packet in packets:
            packet.arrive()


class Lanes:
    """Both directions of a link in wall time, and the count of bytes the edge's meter reads.

    Up is edge to server. Every connection and datagram of the link shares these two, `up` and
    `down`, until they are renewed.
    """

    up: Carrier
    down: Carrier

    def __init__(self, pacer: Pacer, spec: LinkSpec, seed: int, meter: Path) -> None:
        """meter: an existing file of 16 bytes, see `meter.MmapMeter`."""
        self.pacer = pacer
        self.congestion_control = spec.congestion_control
        self._spec = spec
        self._up_before = self._down_before = LaneCounters()
        with meter.open("r+b") as file:
            self._meter = mmap.mmap(file.fileno(), COUNTERS.size)
        self._open(Weather(seed))

    def renew(self, weather: Weather) -> None:
        """Both begin anew, now; what is under way is dropped."""
        for carrier in (self.up, self.down):
            carrier.count()
            carrier.close()
        self._up_before, self._down_before = self.counters()
        self._open(weather)

    def counters(self) -> tuple[LaneCounters, LaneCounters]:
        """Of all lanes so far, up and down."""
        up, down = self.up.lane.counters(), self.down.lane.counters()
        return self._up_before + up, self._down_before + down

    def _open(self, weather: Weather) -> None:
        spec = weather.over(self._spec)
        up_seed, down_seed = lane_seeds(weather.seed)
        self.up = Carrier(self.pacer, spec.uplink, up_seed, self._count)
        self.down = Carrier(self.pacer, spec.downlink, down_seed, self._count)

    def _count(self) -> None:
        sent_up = self._up_before.offered_bytes + self.up.lane.offered_bytes
        received_down = self._down_before.delivered_bytes + self.down.lane.delivered_bytes
        COUNTERS.pack_into(self._meter, 0, sent_up, received_down)


def send_surely(carrier: Carrier, size_bytes: int, arrived: Callback, again_after_s: float) -> None:
    """Send a packet, again after a while if it was lost, until it arrives."""

    def again() -> None:
        call_at(carrier.env, carrier.env.now + again_after_s, send)

    def send() -> None:
        carrier.send(size_bytes, Packet(arrived, again))

    send()
