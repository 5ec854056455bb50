"""Requests come when a file says."""

from collections.abc import Iterator
from itertools import count, pairwise
from math import isfinite
from pathlib import Path
from typing import ClassVar, Self

from numpy.random import Generator
from pydantic import PrivateAttr, model_validator

from emulation.text import read_text
from testbed.config.arrivals.arrival import Arrival

MOST_TIMES = 1_000_000
MOST_BYTES = 40 * MOST_TIMES
"""Of a file."""


class Trace(Arrival):
    """`arrival: {trace: FILE}`: requests are due at the times in FILE, in seconds, one a line.

    At its last time the file begins anew, as link traces do.
    """

    example: ClassVar[str] = "{trace: due.txt}"

    trace: Path
    _times_s: tuple[float, ...] = PrivateAttr()

    @model_validator(mode="after")
    def _read(self) -> Self:
        self._times_s = read_times(self.trace)
        return self

    def due_times(self, rng: Generator) -> Iterator[float]:
        """The file's times, again and again."""
        times_s = self._times_s
        return (turn * times_s[-1] + time_s for turn in count() for time_s in times_s)


def read_times(path: Path) -> tuple[float, ...]:
    """The times in a file, in seconds. Raises ValueError that says what was found in which line."""
    try:
        lines = read_text(path, MOST_BYTES).splitlines()
    except OSError as error:
        raise ValueError(f"found {path}: {error.strerror}, allowed: a file of times") from None
    except UnicodeDecodeError:
        raise ValueError(f"found {path}, which is not text, allowed: a file of times") from None
    times_s = [_time(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not times_s or not times_s[-1]:
        raise ValueError(f"found no time above 0 in {path}, allowed: seconds, one a line")
    if len(times_s) > MOST_TIMES:
        raise ValueError(f"found {len(times_s)} times in {path}, allowed: up to {MOST_TIMES}")
    for before, after in pairwise(times_s):
        if after < before:
            raise ValueError(f"found {after:g} after {before:g} in {path}, allowed: growing times")
    return tuple(times_s)


def _time(path: Path, number: int, line: str) -> float:
    try:
        time_s = float(line)
    except ValueError:
        time_s = -1.0
    if not (isfinite(time_s) and time_s >= 0):
        found = line.strip()[:40]
        raise ValueError(
            f"found {found!r} in line {number} of {path}, allowed: seconds, one a line"
        )
    return time_s
