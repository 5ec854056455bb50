"""Packets on their way where one may overtake another: the one that leaves first comes first."""

from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")

InFlight: TypeAlias = tuple[float, int, T]
"""When a packet leaves the lane, its size in bytes, and the item."""


class Overtaking(Generic[T]):
    """As much of a deque as a lane needs; those that leave at one time do so in their order."""

    __slots__ = ("_heap", "_numbers")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, InFlight[T]]] = []
        self._numbers = count()

    def append(self, packet: InFlight[T]) -> None:
        """One more packet, which may leave before those that are there."""
        heappush(self._heap, (packet[0], next(self._numbers), packet))

    def popleft(self) -> InFlight[T]:
        """Take out the one that leaves first."""
        return heappop(self._heap)[2]

    def __getitem__(self, index: int) -> InFlight[T]:
        """The one that leaves first is at 0."""
        return self._heap[index][2]

    def __len__(self) -> int:
        return len(self._heap)
