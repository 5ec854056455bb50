"""A queue with a limit, and what serves the packets in it one after another.

Serving is bookkeeping: when a packet will have been served is known as soon as it is taken, because
nothing overtakes. A packet that nobody may drop any more is therefore taken when it comes; one that
a policy may still drop waits outside (`managed.py`) and is taken when its turn has come.
"""

from typing import Protocol

from emulation.lane.capacity import Capacity, capacity_of
from emulation.spec import LaneSpec

ROUNDING_S = 1e-9
ROUNDING_BYTES = 0.01
"""A queue is not over its limit by less than this: the sums behind it are binary fractions."""


class Service(Protocol):
    """Times are the caller's; packets are served in the order in which they are taken.

    free_at_s: when everything taken so far has been served.
    """

    free_at_s: float

    def take(self, now_s: float, size_bytes: int) -> float | None:
        """Serve a packet unless the queue is full; returns when it has been served."""
        ...

    def serve(self, now_s: float, packets: int, size_bytes: int) -> float:
        """Serve packets that follow one another, whether or not the queue has room for them."""
        ...

    def begins_s(self, since_s: float) -> float:
        """When a packet that is there since then would begin to be served."""
        ...

    def backlog_bytes(self, now_s: float) -> float:
        """Bytes waiting or in service; what is left of the packet in service, not all of it."""
        ...


class SteadyService:
    """A constant rate, or none: then packets take no time."""

    __slots__ = ("_queue_s", "_s_per_byte", "free_at_s")

    def __init__(self, rate_bps: float | None, queue_bytes: int, opened_s: float) -> None:
        self._s_per_byte = 8 / rate_bps if rate_bps is not None else 0.0
        self._queue_s = queue_bytes * self._s_per_byte + ROUNDING_S
        self.free_at_s = opened_s

    def take(self, now_s: float, size_bytes: int) -> float | None:
        """Nearly every packet of every link comes this way."""
        free_at_s = self.free_at_s
        served_s = (now_s if now_s > free_at_s else free_at_s) + size_bytes * self._s_per_byte
        if served_s - now_s > self._queue_s:
            return None
        self.free_at_s = served_s
        return served_s

    def serve(self, now_s: float, packets: int, size_bytes: int) -> float:
        """At a constant rate it does not matter how many packets the bytes are in."""
        free_at_s = self.free_at_s
        self.free_at_s = (now_s if now_s > free_at_s else free_at_s) + size_bytes * self._s_per_byte
        return self.free_at_s

    def begins_s(self, since_s: float) -> float:
        """At once, or when the packet before has been served."""
        return max(since_s, self.free_at_s)

    def backlog_bytes(self, now_s: float) -> float:
        """What the time that is booked stands for."""
        if self._s_per_byte == 0:
            return 0.0
        return max(0.0, (self.free_at_s - now_s) / self._s_per_byte)


class VaryingService:
    """A capacity that varies with the time since the opening."""

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


def service_of(spec: LaneSpec, opened_s: float) -> Service:
    """The service `spec` describes."""
    capacity = capacity_of(spec)
    if capacity is None:
        return SteadyService(spec.rate_bps, spec.queue_bytes, opened_s)
    return VaryingService(capacity, spec.queue_bytes, opened_s)
