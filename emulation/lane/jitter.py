"""How long each packet takes to cross: the delay, spread as netem spreads it.

netem adds `jitter * x` to the delay, x drawn from a table of 16-bit values at 8192 a sigma
(tc-netem(8); iproute2 `netem/*.c`), so no x is above 4. Here x is drawn in batches from the same
laws, and a delay that would be negative is 0.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeAlias, TypeVar

import numpy as np
from numpy.random import Generator

from emulation.spec import Distribution, LaneSpec

T = TypeVar("T")

Samples: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
InFlight: TypeAlias = tuple[float, int, T]
"""When a packet leaves the lane, its size in bytes, and the item."""

BATCH = 4096
TABLE_LIMIT = 32767 / 8192
"""Largest deviation netem's tables can hold, in units of the jitter."""
PARETO_SHAPE = 3.0


class Jitter:
    """The way across where each packet has a delay of its own."""

    __slots__ = ("_delays", "_last_arrival_s", "_overtaking")

    def __init__(self, spec: LaneSpec, rng: Generator, opened_s: float) -> None:
        self._delays = delays(spec, rng)
        self._overtaking = spec.reorder
        self._last_arrival_s = opened_s

    def arrival_s(self, served_s: float) -> float:
        """When a packet served at that time is there."""
        return self.in_turn(served_s + next(self._delays))

    def in_turn(self, arrival_s: float) -> float:
        """That time, or when the packet before is there if order is kept."""
        if self._overtaking:
            return arrival_s
        if arrival_s < self._last_arrival_s:
            return self._last_arrival_s
        self._last_arrival_s = arrival_s
        return arrival_s


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


def delays(spec: LaneSpec, rng: Generator) -> Iterator[float]:
    """Endless one-way delays in seconds, none negative."""
    while True:
        spread = spec.jitter_s * deviations(spec.distribution, rng, BATCH)
        yield from np.maximum(spec.delay_s + spread, 0.0).tolist()


def deviations(distribution: Distribution, rng: Generator, count: int) -> Samples:
    """Deviations from the mean delay, in units of the jitter."""
    if distribution == "uniform":  # what netem does when no table is named
        return rng.uniform(-1.0, 1.0, count)
    if distribution == "normal":
        return np.clip(rng.standard_normal(count), -TABLE_LIMIT, TABLE_LIMIT)
    return _pareto(rng, count)


def _pareto(rng: Generator, count: int) -> Samples:
    """iproute2's `netem/pareto.c`: shape 3, less its mean 1.5, times 4/3, at most 4.

    4/3 is one over the *variance* of that law and is kept for likeness: with the cut-off, the
    standard deviation comes out as 0.82 and the mean as -0.03 times the jitter.
    """
    heavy = 1.0 + rng.pareto(PARETO_SHAPE, count)
    return np.clip((heavy - 1.5) * (4 / 3), None, TABLE_LIMIT)
