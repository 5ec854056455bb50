"""Requests come independently of each other, at a mean rate."""

from collections.abc import Iterator
from typing import ClassVar

from numpy.random import Generator

from testbed.config.arrivals.arrival import Arrival
from testbed.config.quantity import Frequency


class Poisson(Arrival):
    """`arrival: {poisson: 5hz}`: requests come at random, so many a second on average.

    MLPerf's server scenario: the gaps between them are exponentially distributed.
    """

    example: ClassVar[str] = "{poisson: 5hz}"

    poisson: Frequency

    def due_times(self, rng: Generator) -> Iterator[float]:
        """Sums of exponential gaps; the first request comes after one of them."""
        due_s = 0.0
        while True:
            due_s += rng.exponential(1 / self.poisson)
            yield due_s
