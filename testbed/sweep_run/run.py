"""The main path of a sweep: a file in, a folder with one tidy table out.

Every point is checked, then prepared, then done, and kept as soon as it is. What is kept is not
done again: a point is named by a digest of all it depends on (`sweep/identity.py`). The numbers do
not depend on who does the points.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed import pool
from testbed.errors import TestbedError
from testbed.sweep import folder as kept
from testbed.sweep.columns import rows_of, rows_of_failed, table_of_rows
from testbed.sweep.expand import Expanded, expand
from testbed.sweep.identity import made_by
from testbed.sweep.sweep_file import Clock, SweepFile, load_sweep_file
from testbed.sweep_run import cluster
from testbed.sweep_run.order import ONE_BY_ONE, Order
from testbed.sweep_run.point import (
    Outcome,
    VirtualTask,
    WallTask,
    do_virtual,
    do_wall,
    given_up,
)
from testbed.sweep_run.prepare import Prepared, Say, prepare
from testbed.virtual.profile import save_profile

OnPoint = Callable[[Clock, int, int], None]
"""Hears the clock, how many of its points are done now, and how many there are to do."""
Kept = dict[str, dict[str, Any]]
"""Digest of a point -> its `summary`, and why it `failed`."""


@dataclass(frozen=True)
class Finished:
    """points: how many the sweep has. failed: a line for each that failed."""

    folder: Path
    points: int
    failed: tuple[str, ...]


def run_sweep(order: Order, say: Say, on_point: OnPoint) -> Finished:
    """Do the sweep. `say` gets a line at each step.

    Raises BadInput, LinkUnavailable before anything is written; ClusterLost, WorkerKilled and
    KeyboardInterrupt leave a folder with which the command that `say` gets goes on.
    """
    sweep, sweep_text = load_sweep_file(order.file)
    expanded = expand(sweep, order.file)
    order.check(sweep)
    prepared = prepare(expanded.points, sweep.backend, say)
    folder = order.folder(sweep.name)
    found = _found(folder, prepared)
    waiting = [item for item in prepared if item.digest not in found]
    if found:
        say(f"{len(found)} of {len(prepared)} points were done before")
    plan = _plan(sweep, expanded, prepared)
    kept.write_plan(folder, plan, sweep_text, expanded.base_text, unfinished=bool(waiting))
    _keep_profiles(folder, prepared)
    try:
        for item, outcome in _outcomes(waiting, folder, order, say, on_point):
            found[item.digest] = _keep(folder, item, outcome)
    except (KeyboardInterrupt, TestbedError):
        say(f"{len(found)} of {len(prepared)} points are kept; to go on: {order.again(folder)}")
        raise
    keys = [key for axis in expanded.axes for key in axis]
    rows = [row for item in prepared for row in _rows(item, found[item.digest])]
    kept.write_rows(folder, table_of_rows(rows, keys))
    return Finished(folder, len(prepared), _failures(prepared, found))


def _found(folder: Path, prepared: Sequence[Prepared]) -> Kept:
    """Points that need not be done again; those that failed are tried again."""
    points = ((item.digest, kept.read_point(folder, item.digest)) for item in prepared)
    return {digest: point for digest, point in points if point and point["failed"] is None}


def _plan(sweep: SweepFile, expanded: Expanded, prepared: Sequence[Prepared]) -> dict[str, Any]:
    return {
        "name": sweep.name,
        "description": sweep.description,
        "axes": expanded.axes,
        "clocks": sweep.clocks,
        "points": [item.digest for item in prepared],
        "environment": prepared[0].source.environment,
    }


def _keep_profiles(folder: Path, prepared: Sequence[Prepared]) -> None:
    """Beside the points, so that the folder alone tells where their numbers come from."""
    profiles = {item.depends_on["profile"]: item.profile for item in prepared if item.profile}
    for digest, profile in profiles.items():
        save_profile(profile, folder / kept.PROFILES / f"{digest}.json")


def _outcomes(
    waiting: Sequence[Prepared], folder: Path, order: Order, say: Say, on_point: OnPoint
) -> Iterator[tuple[Prepared, Outcome]]:
    """Points as they are done: virtual time first, so that the wall clock has a quiet machine."""
    virtual = [item for item in waiting if item.point.clock == "virtual"]
    wall = [item for item in waiting if item.point.clock == "wall"]
    if virtual:
        yield from _told(virtual, _in_virtual_time(virtual, order, say), on_point)
    if wall:
        say(f"{len(wall)} points on the wall clock, {ONE_BY_ONE}")
        yield from _told(wall, map(do_wall, _wall_tasks(wall, folder)), on_point)


def _told(
    items: Sequence[Prepared], outcomes: Iterator[Outcome], on_point: OnPoint
) -> Iterator[tuple[Prepared, Outcome]]:
    by_digest = {item.digest: item for item in items}
    clock = items[0].point.clock
    on_point(clock, 0, len(items))
    for number, outcome in enumerate(outcomes, start=1):
        yield by_digest[outcome.point], outcome
        on_point(clock, number, len(items))


def _in_virtual_time(items: Sequence[Prepared], order: Order, say: Say) -> Iterator[Outcome]:
    tasks = [
        VirtualTask(item.digest, item.point.scenario, item.profile, made_by())
        for item in items
        if item.profile is not None
    ]
    if order.dask is not None:
        say(f"{len(tasks)} points in virtual time, by the dask cluster at {order.dask}")
        names = [task.point for task in tasks]
        return cluster.each(do_virtual, tasks, order.dask, names, given_up)
    workers = min(order.workers or pool.cores(), len(tasks))
    say(f"{len(tasks)} points in virtual time, processes: {workers}")
    return pool.each(do_virtual, tasks, workers)


def _wall_tasks(items: Sequence[Prepared], folder: Path) -> list[WallTask]:
    runs = folder / kept.RUNS
    return [
        WallTask(item.digest, item.point.scenario, item.source.backend, runs / item.digest)
        for item in items
    ]


def _keep(folder: Path, item: Prepared, outcome: Outcome) -> dict[str, Any]:
    point = item.provenance() | {
        "seconds": outcome.seconds,
        "process": outcome.process,
        "failed": outcome.failed,
        "summary": outcome.summary,
    }
    kept.write_point(folder, item.digest, point)
    return point


def _rows(item: Prepared, point: dict[str, Any]) -> list[dict[str, Any]]:
    if point["summary"] is None:
        return rows_of_failed(point["failed"], item.point.scenario, item.columns())
    return rows_of(point["summary"], item.columns())


def _failures(prepared: Sequence[Prepared], found: Kept) -> tuple[str, ...]:
    return tuple(
        f"{', '.join(f'{key}={value}' for key, value in item.point.values.items())}: {reason}"
        for item in prepared
        if (reason := found[item.digest]["failed"]) is not None
    )
