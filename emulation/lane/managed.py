"""A queue with a policy: packets wait in it, and what becomes of one is decided at its head.

Decisions have times of their own, those at which a packet would begin to be served. They may be
made later than that, in order, as long as everything that came before has been offered.
"""

from collections import deque
from typing import Generic, NamedTuple, TypeVar

from emulation.lane.service import ROUNDING_BYTES, Service
from emulation.queues.policy import Manager
from emulation.spec import MTU_BYTES

T = TypeVar("T")


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

    def next_s(self) -> float | None:
        """When the first packet's turn is; None while none waits."""
        return self._service.begins_s(self._waiting[0].since_s) if self._waiting else None

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
