"""Each request is due some time after the one before has ended."""

from collections.abc import Iterator
from itertools import repeat
from typing import ClassVar

from numpy.random import Generator

from testbed.config.arrivals.arrival import Arrival
from testbed.config.quantity import Duration


class Pause(Arrival):
    """`arrival: {pause: 100ms}`: a request is due so long after the answer to the one before."""

    closed: ClassVar[bool] = True
    example: ClassVar[str] = "{pause: 100ms}"

    pause: Duration

    def due_times(self, rng: Generator) -> Iterator[float]:
        """The pause (queueing theory's think time), always."""
        return repeat(self.pause)
