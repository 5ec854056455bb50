"""The main path of a sweep: a file in, a folder with one tidy table out.

Every point is checked, then prepared, then done, and kept as soon as it is (`points/worklist.py`).
What is kept is not done again: a point is named by a digest of all it depends on (`identity.py`).
The numbers do not depend on who does the points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from testbed.points import pool
from testbed.points.store import Point, PointResult
from testbed.points.worklist import Progress, Work, Workers, Worklist
from testbed.sweep import folder as sweep_folder
from testbed.sweep.columns import rows_of, rows_of_failed, table_of_rows
from testbed.sweep.expand import Expanded, expand
from testbed.sweep.options import ONE_BY_ONE, SweepOptions
from testbed.sweep.prepare import Prepared, Say, prepare
from testbed.sweep.sweep_file import Clock, SweepFile, load_sweep_file
from testbed.sweep.work import SweepTask, do_task, do_task_elsewhere
from testbed.virtual.profile import save_profile

OnPoint = Callable[[Clock, int, int], None]
"""Hears the clock, how many of its points are done now, and how many there are to do."""


@dataclass(frozen=True)
class Finished:
    """points: how many the sweep has. failed: a line for each that failed."""

    folder: Path
    points: int
    failed: tuple[str, ...]


def run_sweep(options: SweepOptions, say: Say, on_point: OnPoint) -> Finished:
    """Do the sweep. `say` gets a line at each step.

    Raises BadInput, LinkUnavailable before anything is written; ClusterLost, WorkerKilled and
    KeyboardInterrupt leave a folder with which the command that `say` gets goes on.
    """
    sweep, sweep_text = load_sweep_file(options.file)
    expanded = expand(sweep, options.file)
    options.check(sweep)
    prepared = prepare(expanded.points, sweep.backend, say)
    folder = options.folder(sweep.name)
    points = [item.to_do(folder) for item in prepared]
    store = sweep_folder.point_store(folder)
    worklist = Worklist(points, store, say, options.again(folder))
    missing = worklist.missing
    plan = _plan(sweep, expanded, prepared)
    sweep_folder.write_plan(folder, plan, sweep_text, expanded.base_text, unfinished=bool(missing))
    _keep_profiles(folder, prepared)
    _do(worklist, missing, options, say, on_point)
    keys = [key for axis in expanded.axes for key in axis]
    rows = [row for item in prepared for row in _rows(item, worklist.results[item.digest])]
    sweep_folder.write_rows(folder, table_of_rows(rows, keys))
    return Finished(folder, len(prepared), _failures(prepared, worklist))


def _plan(sweep: SweepFile, expanded: Expanded, prepared: Sequence[Prepared]) -> dict[str, Any]:
    return {
        "name": sweep.name,
        "description": sweep.description,
        "axes": expanded.axes,
        "clocks": sweep.clocks,
        "points": [item.digest for item in prepared],
        "environment": prepared[0].origin.environment,
    }


def _keep_profiles(folder: Path, prepared: Sequence[Prepared]) -> None:
    """Beside the points, so that the folder alone tells where their numbers come from."""
    profiles = {item.depends_on["profile"]: item.profile for item in prepared if item.profile}
    for digest, profile in profiles.items():
        save_profile(profile, folder / sweep_folder.PROFILES / f"{digest}.json")


def _do(
    worklist: Worklist[SweepTask],
    missing: Sequence[Point[SweepTask]],
    options: SweepOptions,
    say: Say,
    on_point: OnPoint,
) -> None:
    """Virtual time first, so that the wall clock has a quiet machine."""
    clocks: tuple[Clock, ...] = ("virtual", "wall")
    for clock in clocks:
        points = [point for point in missing if point.described["clock"] == clock]
        if not points:
            continue
        work: Work[SweepTask] = do_task
        workers = Workers()
        if clock == "wall":
            said = f"on the wall clock, {ONE_BY_ONE}"
        elif options.dask is not None:
            said = f"in virtual time, by the dask cluster at {options.dask}"
            work = partial(do_task_elsewhere, dict(points[0].described["made_by"]))
            workers = Workers(dask=options.dask)
        else:
            workers = Workers(min(options.workers or pool.cores(), len(points)))
            said = f"in virtual time, processes: {workers.processes}"
        say(f"{len(points)} points {said}")
        worklist.do(points, work, workers, partial(_tell, on_point, clock))


def _tell(on_point: OnPoint, clock: Clock, progress: Progress[SweepTask]) -> None:
    on_point(clock, progress.done, progress.total)


def _rows(item: Prepared, result: PointResult) -> list[dict[str, Any]]:
    if result.value is None:
        return rows_of_failed(str(result.failed), item.point.scenario, item.columns())
    return rows_of(result.value, item.columns())


def _failures(prepared: Sequence[Prepared], worklist: Worklist[SweepTask]) -> tuple[str, ...]:
    return tuple(
        f"{', '.join(f'{key}={value}' for key, value in item.point.values.items())}: {reason}"
        for item in prepared
        if (reason := worklist.results[item.digest].failed) is not None
    )
