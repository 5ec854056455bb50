"""A queue with a limit, and what serves the packets in it one after another.

Serving is bookkeeping: when a packet will have been served is known as soon as it is taken, because
nothing overtakes. A packet that nobody may drop any more is therefore taken when it comes; one that
a policy may still drop waits in a `ManagedQueue` and is taken when its turn has come. What becomes
of it is decided at the queue's head, at the time at which it would begin to be served. That may be
done later than then, in order, as long as everything that came before has been offered.
"""

from collections import deque
from math import inf
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from emulation.lane.capacity import Capacity, capacity_of
from emulation.queues import Manager
from emulation.spec import MTU_BYTES, LaneSpec

T = TypeVar("T")

ROUNDING_S = 1e-9
ROUNDING_BYTES = 0.01
"""A queue is not over its limit by less than this: the sums behind it are binary fractions."""


class SteadyService:
    """A constant rate, or none: then packets take no time.

    Times are the caller's; packets are served in the order in which they are taken. free_at_s: when
    everything taken so far has been served.
    """

    __slots__ = ("_queue_s", "_s_per_byte", "free_at_s")

    def __init__(self, rate_bps: float | None, queue_bytes: int, opened_s: float) -> None:
        self._s_per_byte = 8 / rate_bps if rate_bps is not None else 0.0
        self._queue_s = queue_bytes * self._s_per_byte + ROUNDING_S
        self.free_at_s = opened_s

    def take(self, now_s: float, size_bytes: int) -> float | None:
        """Serve a packet unless the queue is full; returns when it has been served.

        Nearly every packet of every link comes this way.
        """
        free_at_s = self.free_at_s
        served_s = (now_s if now_s > free_at_s else free_at_s) + size_bytes * self._s_per_byte
        if served_s - now_s > self._queue_s:
            return None
        self.free_at_s = served_s
        return served_s

    def serve(self, now_s: float, packets: int, size_bytes: int) -> float:
        """Serve packets that follow one another, whether or not the queue has room for them.

        At a constant rate it does not matter how many they are.
        """
        free_at_s = self.free_at_s
        self.free_at_s = (now_s if now_s > free_at_s else free_at_s) + size_bytes * self._s_per_byte
        return self.free_at_s

    def begins_s(self, since_s: float) -> float:
        """When a packet that is there since then would begin to be served."""
        return max(since_s, self.free_at_s)

    def backlog_bytes(self, now_s: float) -> float:
        """Bytes waiting or in service; what is left of the packet in service, not all of it."""
        if self._s_per_byte == 0:
            return 0.0
        return max(0.0, (self.free_at_s - now_s) / self._s_per_byte)


class VaryingService:
    """The same for a capacity that varies with the time since the opening."""

    __slots__ = ("_capacity", "_opened_s", "_queue_bytes", "_taken_bytes", "free_at_s")

    def __init__(self, capacity: Capacity, queue_bytes: int, opened_s: float) -> None:
        self._capacity = capacity
        self._queue_bytes = queue_bytes + capacity.header_bytes + ROUNDING_BYTES
        self._opened_s = opened_s
        self._taken_bytes = 0.0
        self.free_at_s = opened_s

    def take(self, now_s: float, size_bytes: int) -> float | None:
        """The queue counts what each packet costs on top of its size; the limit leaves it out."""
        done = self._capacity.bytes_by(now_s - self._opened_s)
        taken = max(self._taken_bytes, done) + size_bytes + self._capacity.header_bytes
        return self._book(now_s, taken) if taken - done <= self._queue_bytes else None

    def serve(self, now_s: float, packets: int, size_bytes: int) -> float:
        """One after another on the axis of bytes."""
        done = self._capacity.bytes_by(now_s - self._opened_s)
        headers = packets * self._capacity.header_bytes
        return self._book(now_s, max(self._taken_bytes, done) + size_bytes + headers)

    def begins_s(self, since_s: float) -> float:
        """When the first byte behind those taken can be served."""
        done = self._capacity.bytes_by(since_s - self._opened_s)
        first = max(self._taken_bytes, done) + ROUNDING_BYTES
        return max(since_s, self._opened_s + self._capacity.time_of(first))

    def backlog_bytes(self, now_s: float) -> float:
        """What has been taken and could not be served yet."""
        return max(0.0, self._taken_bytes - self._capacity.bytes_by(now_s - self._opened_s))

    def _book(self, now_s: float, taken_bytes: float) -> float:
        self._taken_bytes = taken_bytes
        self.free_at_s = max(now_s, self._opened_s + self._capacity.time_of(taken_bytes))
        return self.free_at_s


Service: TypeAlias = SteadyService | VaryingService


def service_of(spec: LaneSpec, opened_s: float) -> Service:
    """The service `spec` describes."""
    capacity = capacity_of(spec)
    if capacity is None:
        return SteadyService(spec.rate_bps, spec.queue_bytes, opened_s)
    return VaryingService(capacity, spec.queue_bytes, opened_s)


class Waiting(NamedTuple, Generic[T]):
    """A packet in the queue since `since_s`."""

    since_s: float
    size_bytes: int
    item: T


class ManagedQueue(Generic[T]):
    """Packets that wait for a service; the one being served is not among them."""

    __slots__ = (
        "_limit_bytes", "_manager", "_more_came", "_owed", "_service", "_unasked",
        "_waiting", "_waiting_bytes",
    )  # fmt: skip

    def __init__(self, service: Service, manager: Manager, limit_bytes: int) -> None:
        self._service = service
        self._manager = manager
        self._limit_bytes = limit_bytes + ROUNDING_BYTES
        self._waiting: deque[Waiting[T]] = deque()
        self._waiting_bytes = 0
        self._unasked: list[tuple[float, float, int]] = []
        self._more_came = False
        self._owed = 0

    def enter(self, now_s: float, size_bytes: int, item: T) -> bool:
        """Let a packet wait; False when the queue is full. What is due must have been decided."""
        if self.backlog_bytes(now_s) + size_bytes > self._limit_bytes:
            return False
        self._waiting.append(Waiting(now_s, size_bytes, item))
        self._waiting_bytes += size_bytes
        self._more_came = True
        return True

    def __len__(self) -> int:
        return len(self._waiting)

    def backlog_bytes(self, now_s: float) -> float:
        """Bytes waiting or in service."""
        return self._waiting_bytes + self._service.backlog_bytes(now_s)

    def next_s(self) -> float:
        """When the first packet's turn is; infinity while none waits."""
        return self._service.begins_s(self._waiting[0].since_s) if self._waiting else inf

    def decide(self, at_s: float, early: bool = False) -> tuple[Waiting[T], float | None]:
        """The packet whose turn is at `at_s`, and when it has been served; None: it is dropped.

        early: not all that will have come by `at_s` has been offered. That matters for the last
        packets in the queue only, those with hardly anything behind them. They are served; whether
        one should have been dropped shows when others have come, which then pay for it.
        """
        if self._unasked and self._more_came:
            self._ask_late()
        packet = self._waiting.popleft()
        self._waiting_bytes -= packet.size_bytes
        waited_s = at_s - packet.since_s
        if self._owed:
            self._owed -= 1
            return packet, None
        if early and self._waiting_bytes <= MTU_BYTES:
            self._more_came = False
            self._unasked.append((at_s, waited_s, self._waiting_bytes))
        elif self._manager.drops(at_s, waited_s, self._waiting_bytes):
            return packet, None
        return packet, self._service.serve(packet.since_s, 1, packet.size_bytes)

    def _ask_late(self) -> None:
        """Ask the manager about the packets that have been served unasked."""
        for at_s, waited_s, behind_bytes in self._unasked:
            come_bytes = sum(packet.size_bytes for packet in self._waiting if packet.since_s < at_s)
            self._owed += self._manager.drops(at_s, waited_s, behind_bytes + come_bytes)
        self._unasked.clear()
