"""THE law: what one direction of a link does to packets.

    offer ─> random loss ─> drop-tail queue ─> service at the rate ─> delay + jitter ─> due
             (before any rate is used, as netem does)

Pure and without a clock: time comes in as an argument, in seconds on any clock that does not run
backwards, so that one lane is driven by a packet ferry, by wall-time SimPy or by virtual time.
`capacity.py` holds traces and outages, `loss.py` and `jitter.py` the random parts.
"""

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, TypeVar

import numpy as np

from emulation.capacity import Capacity, capacity_of
from emulation.jitter import delays
from emulation.loss import NEVER, loss_process
from emulation.spec import LaneSpec

T = TypeVar("T")

_ROUNDING_S = 1e-9
_ROUNDING_BYTES = 0.01
"""A queue is not over its limit by less than this: the sums behind it are binary fractions."""


@dataclass(frozen=True, slots=True)
class LaneCounters:
    """What became of the packets offered so far; the rest is queued or on its way."""

    offered_packets: int
    offered_bytes: int
    delivered_packets: int
    delivered_bytes: int
    lost_packets: int
    lost_bytes: int
    overflowed_packets: int
    overflowed_bytes: int


def lane_seeds(seed: int) -> tuple[int, int]:
    """Of a link's seed, those of its uplink and its downlink, whatever drives the lanes."""
    up, down = np.random.SeedSequence(seed).generate_state(2)
    return int(up), int(down)


class Lane(Generic[T]):
    """One direction of a link, carrying items of any type.

    seed: loss and jitter draw from two independent streams of it, so that one seed loses the
    same packets whatever the jitter. opened_s: the caller's time at which traces begin and from
    which outages count.
    """

    __slots__ = (
        "_capacity", "_delay_s", "_delays", "_free_at_s", "_heap", "_in_flight", "_last_arrival_s",
        "_loss", "_opened_s", "_passes", "_queue_bytes", "_queue_s", "_s_per_byte", "_sequence",
        "_taken_bytes", "delivered_bytes", "delivered_packets", "lost_bytes", "lost_packets",
        "offered_bytes", "offered_packets", "overflowed_bytes", "overflowed_packets",
    )  # fmt: skip

    def __init__(self, spec: LaneSpec, seed: int, opened_s: float = 0.0) -> None:
        loss_seed, jitter_seed = np.random.SeedSequence(seed).spawn(2)
        self._loss = loss_process(spec.loss, np.random.default_rng(loss_seed))
        self._passes = self._loss.gap() if self._loss is not None else NEVER
        self._delay_s = spec.delay_s
        self._delays = delays(spec, np.random.default_rng(jitter_seed)) if spec.jitter_s else None
        self._s_per_byte = 8 / spec.rate_bps if spec.rate_bps is not None else 0.0
        self._queue_bytes = spec.queue_bytes
        self._queue_s = spec.queue_bytes * self._s_per_byte + _ROUNDING_S
        self._capacity = capacity_of(spec)
        self._opened_s = opened_s
        self._taken_bytes = 0.0
        self._free_at_s = opened_s
        self._in_flight: deque[tuple[float, int, T]] = deque()
        self._heap: list[tuple[float, int, int, T]] | None = (
            [] if spec.reorder and self._delays is not None else None
        )
        self._sequence = 0
        self._last_arrival_s = opened_s
        self.offered_packets = self.offered_bytes = 0
        self.delivered_packets = self.delivered_bytes = 0
        self.lost_packets = self.lost_bytes = 0
        self.overflowed_packets = self.overflowed_bytes = 0

    def offer(self, now_s: float, size_bytes: int, item: T) -> float | None:
        """Hand over one packet of `size_bytes` (IP); returns when it leaves at the far end.

        None: it was lost at random or found the queue full, and `item` is forgotten.
        """
        self.offered_packets += 1
        self.offered_bytes += size_bytes
        passes = self._passes
        if passes == 0:
            self._lose(size_bytes)
            return None
        self._passes = passes - 1

        capacity = self._capacity
        if capacity is None:  # spelt out here because nearly every packet comes this way
            free_at_s = self._free_at_s
            served_s = (now_s if now_s > free_at_s else free_at_s) + size_bytes * self._s_per_byte
            if served_s - now_s > self._queue_s:
                self._overflow(size_bytes)
                return None
            self._free_at_s = served_s
        elif not self._serve(capacity, now_s, size_bytes):
            self._overflow(size_bytes)
            return None
        else:
            served_s = self._free_at_s

        if self._delays is None:
            arrival_s = served_s + self._delay_s
            self._in_flight.append((arrival_s, size_bytes, item))
            return arrival_s
        return self._jittered(served_s + next(self._delays), size_bytes, item)

    def due(self, now_s: float) -> list[T]:
        """Items that have left the lane by `now_s`, in the order they leave."""
        if self._heap is not None:
            return self._due_from_heap(self._heap, now_s)
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

    def next_due_s(self) -> float | None:
        """When the next item leaves; None while the lane is empty."""
        if self._heap is not None:
            return self._heap[0][0] if self._heap else None
        return self._in_flight[0][0] if self._in_flight else None

    def free_at_s(self) -> float:
        """When everything taken so far has been served: a packet offered then does not wait."""
        return self._free_at_s

    def backlog_bytes(self, now_s: float) -> float:
        """Bytes waiting or in service; what is left of the packet in service, not all of it."""
        if self._capacity is not None:
            done = self._capacity.bytes_by(now_s - self._opened_s)
            return max(0.0, self._taken_bytes - done)
        if self._s_per_byte == 0:
            return 0.0
        return max(0.0, (self._free_at_s - now_s) / self._s_per_byte)

    def counters(self) -> LaneCounters:
        """All counters at this moment."""
        return LaneCounters(
            **{name: getattr(self, name) for name in LaneCounters.__dataclass_fields__}
        )

    def _lose(self, size_bytes: int) -> None:
        self.lost_packets += 1
        self.lost_bytes += size_bytes
        self._passes = self._loss.gap() if self._loss is not None else NEVER

    def _overflow(self, size_bytes: int) -> None:
        self.overflowed_packets += 1
        self.overflowed_bytes += size_bytes

    def _serve(self, capacity: Capacity, now_s: float, size_bytes: int) -> bool:
        """Take `size_bytes` of a varying capacity; False when the queue has no room for them."""
        done = capacity.bytes_by(now_s - self._opened_s)
        taken = max(self._taken_bytes, done) + size_bytes + capacity.header_bytes
        if taken - done > self._queue_bytes + capacity.header_bytes + _ROUNDING_BYTES:
            return False
        self._taken_bytes = taken
        self._free_at_s = max(now_s, self._opened_s + capacity.time_of(taken))
        return True

    def _jittered(self, arrival_s: float, size_bytes: int, item: T) -> float:
        """Put a packet with a delay of its own under way, behind the last one if order is kept."""
        if self._heap is not None:
            self._sequence += 1
            heappush(self._heap, (arrival_s, self._sequence, size_bytes, item))
            return arrival_s
        arrival_s = max(arrival_s, self._last_arrival_s)
        self._last_arrival_s = arrival_s
        self._in_flight.append((arrival_s, size_bytes, item))
        return arrival_s

    def _due_from_heap(self, heap: list[tuple[float, int, int, T]], now_s: float) -> list[T]:
        """`due` for a lane that may reorder; ties leave in the order they were offered."""
        items: list[T] = []
        while heap and heap[0][0] <= now_s:
            _, _, size_bytes, item = heappop(heap)
            self.delivered_packets += 1
            self.delivered_bytes += size_bytes
            items.append(item)
        return items
