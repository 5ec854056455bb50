"""Requests are due at a fixed rate."""

from collections.abc import Iterator
from itertools import count
from typing import ClassVar

from numpy.random import Generator

from testbed.config.arrivals.arrival import Arrival
from testbed.config.quantity import Frequency


class Periodic(Arrival):
    """`arrival: {periodic: 10hz}`: a request is due at a fixed rate, answered or not."""

    example: ClassVar[str] = "{periodic: 10hz}"

    periodic: Frequency

    def due_times(self, rng: Generator) -> Iterator[float]:
        """Multiples of the period."""
        period_s = 1 / self.periodic
        return (index * period_s for index in count())
