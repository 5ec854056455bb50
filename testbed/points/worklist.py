"""Points to do: each is found on disk, or done now and kept as soon as it is.

A point that failed is kept with the reason and tried again next time. An interruption, a killed
process or a lost cluster leaves every result that came before it, and a line says what goes on.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Generic, TypeVar

from emulation.errors import EmulationError
from testbed.errors import TestbedError, one_line
from testbed.points import cluster, pool
from testbed.points.store import Point, PointResult, PointStore

Task = TypeVar("Task")
Work = Callable[[Task], Mapping[str, Any]]
"""Does a task and returns plain values; what it raises is why the point failed. Other processes
must be able to import it."""


@dataclass(frozen=True)
class Progress(Generic[Task]):
    """How many points of those being done are done, and which was the latest.

    left_s: how long the others will take, going by their costs; None before the first is done.
    """

    done: int
    total: int
    left_s: float | None = None
    latest: tuple[Point[Task], PointResult] | None = None


OnProgress = Callable[[Progress[Task]], None]


@dataclass(frozen=True)
class Workers:
    """Who does points: so many processes of this machine (1 is this process), or a dask cluster.

    dask: a scheduler's address. fatal: errors that are not a point's own: they end it all.
    """

    processes: int = 1
    dask: str | None = None
    fatal: tuple[type[Exception], ...] = ()

    def each(self, work: Work[Task], points: Sequence[Point[Task]]) -> Iterator[PointResult]:
        """Results as they come. Raises WorkerKilled, ClusterLost, and what is fatal."""
        named = {point.digest: (point.digest, point.task) for point in points}
        attempt = partial(_attempt, work, (*self.fatal, cluster.Unfit))
        if self.dask is None:
            return pool.each(attempt, [*named.values()], self.processes)
        return cluster.each(attempt, named, self.dask, _given_up)


class Worklist(Generic[Task]):
    """Points in their order, equal ones once, and the results there are."""

    def __init__(
        self,
        points: Sequence[Point[Task]],
        store: PointStore,
        say: Callable[[str], None],
        again: str,
    ) -> None:
        """Look for results. `say` gets lines for people; `again` is the command that goes on."""
        self.points = {point.digest: point for point in points}
        found = {digest: store.find(digest) for digest in self.points}
        self.results = {digest: result for digest, result in found.items() if result is not None}
        self._store, self._say, self._again = store, say, again
        if self.results:
            say(f"{len(self.results)} of {len(self.points)} points were done before")

    @property
    def missing(self) -> list[Point[Task]]:
        """Points that have no result yet."""
        return [point for digest, point in self.points.items() if digest not in self.results]

    def do(
        self,
        points: Sequence[Point[Task]],
        work: Work[Task],
        workers: Workers,
        on_progress: OnProgress[Task],
    ) -> None:
        """Do these points, keep each, and tell how far it is, once before the first.

        Raises WorkerKilled, ClusterLost, KeyboardInterrupt, what is fatal for `workers`, and
        BadInput where results cannot be written.
        """
        on_progress(Progress(0, len(points)))
        began_s, left, done_cost = perf_counter(), sum(point.cost for point in points), 0.0
        try:
            for number, result in enumerate(workers.each(work, points), start=1):
                point = self.points[result.point]
                self._store.keep(point, result)
                self.results[point.digest] = result
                done_cost, left = done_cost + point.cost, left - point.cost
                left_s = left * (perf_counter() - began_s) / done_cost
                on_progress(Progress(number, len(points), left_s, (point, result)))
        except (KeyboardInterrupt, TestbedError) as error:
            if not isinstance(error, workers.fatal):
                count = f"{len(self.results)} of {len(self.points)}"
                self._say(f"{count} points are kept; to go on: {self._again}")
            raise


def _attempt(
    work: Work[Task], fatal: tuple[type[Exception], ...], named: tuple[str, Task]
) -> PointResult:
    """Do a task, wherever this process is; its own errors are part of the result."""
    digest, task = named
    began_s = perf_counter()
    try:
        value, failed = dict(work(task)), None
    except fatal:
        raise
    except Exception as error:
        value, failed = None, _reason(error)
    return PointResult(digest, value, failed, perf_counter() - began_s, os.getpid())


def _given_up(named: tuple[str, Any], error: Exception) -> PointResult:
    """The result of a point that a cluster could not do."""
    return PointResult(named[0], None, _reason(error), 0.0, 0)


def _reason(error: Exception) -> str:
    """One line; an error that nobody raised on purpose is named by its type too."""
    if isinstance(error, TestbedError | EmulationError):
        return one_line(error)
    return f"{type(error).__name__}: {one_line(error)}"
