"""Time as the drivers on the wall clock see it, so that a test can drive it."""

from time import perf_counter, process_time
from typing import Protocol


class Clock(Protocol):
    """Both in seconds, from moments of their own."""

    def now_s(self) -> float:
        """A time that never runs backwards."""
        ...

    def busy_s(self) -> float:
        """The processor time that this process has used."""
        ...


class WallClock:
    """The machine's own."""

    def now_s(self) -> float:
        """`perf_counter`."""
        return perf_counter()

    def busy_s(self) -> float:
        """`process_time`, of all threads together."""
        return process_time()
