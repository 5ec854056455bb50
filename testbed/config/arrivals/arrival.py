"""What an arrival is: when requests are due."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from numpy.random import Generator

from testbed.config.section import Section


class Arrival(Section):
    """A way for requests to come, under the key of the same name as its one field.

    closed: each request waits for the end of the one before (MLPerf's single stream), so that the
    edge sets the pace; else (open loop) the clock does. example: as people write it.
    """

    closed: ClassVar[bool] = False
    example: ClassVar[str]

    @abstractmethod
    def due_times(self, rng: Generator) -> Iterator[float]:
        """Endless: seconds since the block began; where closed, since the request before ended."""
