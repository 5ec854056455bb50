"""One direction of a link, put together from its parts."""

from collections import deque
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from math import inf
from typing import Generic, TypeAlias, TypeVar

import numpy as np

from emulation.lane.jitter import InFlight, Jitter, Overtaking
from emulation.lane.loss import NEVER, loss_gaps
from emulation.lane.service import ManagedQueue, Waiting, service_of
from emulation.spec import LaneSpec

T = TypeVar("T")

Offer: TypeAlias = Callable[[float, int, T], float | None]
Dropped: TypeAlias = Callable[[T], None]


@dataclass(frozen=True, slots=True)
class LaneCounters:
    """What became of the packets offered so far; the rest is queued or on its way.

    Of several lanes, one after the other in one place: or was dropped with the lane that it was in.
    lost: at random. overflowed: dropped by the queue, which was full or whose policy would have it.
    """

    offered_packets: int = 0
    offered_bytes: int = 0
    delivered_packets: int = 0
    delivered_bytes: int = 0
    lost_packets: int = 0
    lost_bytes: int = 0
    overflowed_packets: int = 0
    overflowed_bytes: int = 0

    def __add__(self, other: "LaneCounters") -> "LaneCounters":
        both = (astuple(self), astuple(other))
        return LaneCounters(*(mine + theirs for mine, theirs in zip(*both, strict=True)))


def lane_seeds(seed: int) -> tuple[int, int]:
    """Of a link's seed, those of its uplink and its downlink, whatever drives the lanes."""
    up, down = np.random.SeedSequence(seed).generate_state(2)
    return int(up), int(down)


class Lane(Generic[T]):
    """One direction of a link, carrying items of any type.

    seed: loss and jitter draw from two independent streams of it, so that one seed loses the
    same packets whatever the jitter. opened_s: the caller's time from which traces and outages
    count. dropped: called with every item that will not arrive, once that is known.
    """

    __slots__ = (
        "_delay_s", "_dropped", "_gaps", "_in_flight", "_jitter", "_managed", "_passes", "_service",
        "delivered_bytes", "delivered_packets", "lost_bytes", "lost_packets", "offer",
        "offered_bytes", "overflowed_bytes", "overflowed_packets",
    )  # fmt: skip

    offer: Offer[T]
    """Hand over one packet: `offer(now_s, size_bytes, item)`, the size being that of IP.

    Returns when it leaves at the far end; None when that is not known: it has been dropped, or the
    queue decides when it gets to its head.
    """

    def __init__(
        self, spec: LaneSpec, seed: int, opened_s: float = 0, dropped: Dropped[T] = lambda _: None
    ) -> None:
        loss_seed, jitter_seed = np.random.SeedSequence(seed).spawn(2)
        self._gaps = loss_gaps(spec.loss, np.random.default_rng(loss_seed))
        self._passes = next(self._gaps, NEVER)
        self._service = service_of(spec, opened_s)
        manager = spec.queue_policy.manager()
        self._managed: ManagedQueue[T] | None = None
        if manager is not None:
            self._managed = ManagedQueue(self._service, manager, spec.queue_bytes)
        self._delay_s = spec.delay_s
        jitter_rng = np.random.default_rng(jitter_seed)
        self._jitter = Jitter(spec, jitter_rng, opened_s) if spec.jitter_s else None
        overtaking = spec.reorder and self._jitter is not None
        self._in_flight: deque[InFlight[T]] | Overtaking[T]
        self._in_flight = Overtaking() if overtaking else deque()
        self._dropped = dropped
        self.offered_bytes = 0
        self.delivered_packets = self.delivered_bytes = 0
        self.lost_packets = self.lost_bytes = 0
        self.overflowed_packets = self.overflowed_bytes = 0
        self.offer = self._offer_through_parts()

    def _offer_through_parts(self) -> Offer[T]:
        """One function of all parts, which are looked up once and not for each packet."""
        # what a policy may still drop is not taken when it comes
        take = self._service.take if self._managed is None else lambda now_s, size_bytes: None
        set_out, lossy, delay_s, jitter = (
            self._in_flight.append, self._passes < NEVER, self._delay_s, self._jitter,
        )  # fmt: skip

        def offer(now_s: float, size_bytes: int, item: T) -> float | None:
            self.offered_bytes += size_bytes
            if lossy:
                passes = self._passes
                if passes == 0:
                    self._lose(size_bytes, item)
                    return None
                self._passes = passes - 1
            served_s = take(now_s, size_bytes)
            if served_s is None:
                self._hold(now_s, size_bytes, item)
                return None
            arrival_s = served_s + delay_s if jitter is None else jitter.arrival_s(served_s)
            set_out((arrival_s, size_bytes, item))
            return arrival_s

        return offer

    @property
    def offered_packets(self) -> int:
        """Whatever became of them, and what is waiting or on its way."""
        waiting = len(self._managed or ())
        gone = self.delivered_packets + self.lost_packets + self.overflowed_packets
        return gone + len(self._in_flight) + waiting

    def due(self, now_s: float) -> list[T]:
        """Items that have left the lane by `now_s`, in the order they leave."""
        if self._managed:
            self.decide(now_s)
        in_flight = self._in_flight
        items: list[T] = []
        size = 0
        while in_flight and in_flight[0][0] <= now_s:
            _, size_bytes, item = in_flight.popleft()
            size += size_bytes
            items.append(item)
        if items:
            self.delivered_packets += len(items)
            self.delivered_bytes += size
        return items

    def next_due_s(self) -> float:
        """When to look for what is due: when the next item leaves; infinity while it is empty.

        Where the queue has not yet decided about it, the earliest time at which one can leave.
        """
        next_s = self._in_flight[0][0] if self._in_flight else inf
        if self._managed is None:
            return next_s
        fastest_s = self._delay_s if self._jitter is None else 0.0
        return min(next_s, self._managed.next_s() + fastest_s)

    def decide(self, now_s: float) -> None:
        """Have the queue decide what it does by `now_s`, up to which all has been offered."""
        while self._managed and (turn_s := self._managed.next_s()) <= now_s:
            self._decided(*self._managed.decide(turn_s))

    def free_at_s(self) -> float:
        """When everything taken so far has been served: a packet offered then does not wait."""
        return self._service.free_at_s

    def backlog_bytes(self, now_s: float) -> float:
        """Bytes waiting or in service; what is left of the packet in service, not all of it."""
        return (self._service if self._managed is None else self._managed).backlog_bytes(now_s)

    def counters(self) -> LaneCounters:
        """All counters at this moment."""
        return LaneCounters(*(getattr(self, field.name) for field in fields(LaneCounters)))

    def _decided(self, packet: Waiting[T], served_s: float | None) -> None:
        """A packet has been served, or the policy has had it dropped."""
        if served_s is None:
            self._overflow(packet.size_bytes)
            self._dropped(packet.item)
            return
        jitter = self._jitter
        arrival_s = served_s + self._delay_s if jitter is None else jitter.arrival_s(served_s)
        self._in_flight.append((arrival_s, packet.size_bytes, packet.item))

    def _lose(self, size_bytes: int, item: T) -> None:
        self.lost_packets += 1
        self.lost_bytes += size_bytes
        self._passes = next(self._gaps, NEVER)
        self._dropped(item)

    def _hold(self, now_s: float, size_bytes: int, item: T) -> None:
        """What is not served for certain waits, if there is a policy and room."""
        self.decide(now_s)
        if self._managed is None or not self._managed.enter(now_s, size_bytes, item):
            self._overflow(size_bytes)
            self._dropped(item)

    def _overflow(self, size_bytes: int) -> None:
        self.overflowed_packets += 1
        self.overflowed_bytes += size_bytes
