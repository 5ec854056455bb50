"""The main path of a sweep: a file in, a folder with one tidy table out.

Every point is checked, then prepared, then done, and kept as soon as it is (`points/worklist.py`).
What is kept is not done again: a point is named by a digest of all it depends on (`identity.py`).
The numbers do not depend on who does the points.
"""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import call
from pathlib import Path
from typing import Any

from testbed.errors import BadInput
from testbed.points import pool
from testbed.points.cluster import check_cluster
from testbed.points.store import Point, PointResult
from testbed.points.worklist import Progress, Work, Workers, Worklist
from testbed.storage.files import reading
from testbed.storage.folders import check_writable, new_folder
from testbed.sweep import folder as sweep_folder
from testbed.sweep.columns import rows_of, rows_of_failed, table_of_rows
from testbed.sweep.expand import expand, in_words
from testbed.sweep.sweep_file import Clock, SweepFile, load_sweep_file
from testbed.sweep.work import Prepared, Say, Task, elsewhere, prepare
from testbed.virtual.profile import save_profile

AS_KEPT = "points as they were kept (one that is removed is done again)"
OnPoint = Callable[[Clock, int, int], None]
"""Hears the clock, how many of its points are done now, and how many there are to do."""

ONE_BY_ONE = (
    "one after the other: side by side each would take processor time from the others, "
    "and that would be measured"
)


@dataclass(frozen=True)
class SweepOptions:
    """What to do and by whom. out: None makes a new folder. dask: a scheduler's address."""

    file: Path
    out: Path | None = None
    resume: bool = False
    workers: int | None = None
    dask: str | None = None
    results_root: Path = Path("results")

    def check(self, sweep: SweepFile) -> None:
        """Before anything takes time. Raises BadInput: the folder or the cluster will not do."""
        if self.dask is not None:
            if "virtual" not in sweep.clocks:
                raise BadInput(
                    "--dask: found a sweep on the wall clock, whose points run here, "
                    f"{ONE_BY_ONE}; allowed: a sweep in virtual time"
                )
            check_cluster(self.dask)
        self._check_folder(sweep.name)

    def again(self, folder: Path) -> str:
        """The command that goes on with the sweep in `folder`."""
        words = ["testbed", "sweep", str(self.file)]
        words += [] if self.workers is None else ["--workers", str(self.workers)]
        words += [] if self.dask is None else ["--dask", self.dask]
        return shlex.join([*words, "--out", str(folder), "--resume"])

    def _check_folder(self, name: str) -> None:
        if not self.resume:
            if self.out is not None and sweep_folder.is_sweep(self.out):
                found = sweep_folder.progress_of(self.out, sweep_folder.read_plan(self.out))
                raise BadInput(f"{self.out}: {found}, allowed: --resume to go on, or a new folder")
            check_writable(self.out, self.results_root)
        elif self.out is None:
            allowed = "with --out, the folder to go on with"
            raise BadInput(f"--resume: found no --out, allowed: {allowed}")
        elif (begun := sweep_folder.read_plan(self.out).name) != name:
            raise BadInput(f"{self.out}: found the sweep {begun}, allowed: {name}")


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
    points, base_text = expand(sweep, options.file)
    options.check(sweep)
    kept = options.out / sweep_folder.PROFILES if options.resume and options.out else None
    prepared = prepare(points, sweep.backend, say, kept)
    folder = options.out or new_folder(None, options.results_root, sweep.name)
    store = sweep_folder.point_store(folder)
    to_do = [item.to_do(folder) for item in prepared]
    worklist = Worklist(to_do, store, say, options.again(folder))
    missing = worklist.missing
    plan = {
        "name": sweep.name,
        "description": sweep.description,
        "axes": [list(axis) for axis in sweep.axes],
        "clocks": sweep.clocks,
        "points": [item.digest for item in prepared],
        "environment": prepared[0].origin.environment,
    }
    sweep_folder.write_plan(folder, plan, sweep_text, base_text, unfinished=bool(missing))
    # Beside the points, so that the folder alone tells where their numbers come from.
    profiles = {item.depends_on["profile"]: item.profile for item in prepared if item.profile}
    for digest, profile in profiles.items():
        save_profile(profile, folder / sweep_folder.PROFILES / f"{digest}.json")
    _do(worklist, missing, options, say, on_point)
    keys = [key for axis in sweep.axes for key in axis]
    # Results of an earlier part may have been changed, and only their use shows that some were.
    with reading(store.folder, AS_KEPT, LookupError, TypeError, ValueError, AttributeError):
        rows, failed = _rows(prepared, worklist.results)
        table = table_of_rows(rows, keys)
    sweep_folder.write_rows(folder, table)
    return Finished(folder, len(prepared), tuple(failed))


def _do(
    worklist: Worklist[Task],
    missing: Sequence[Point[Task]],
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
        work: Work[Task] = call
        workers = Workers()
        if clock == "wall":
            said = f"on the wall clock, {ONE_BY_ONE}"
        elif options.dask is not None:
            said = f"in virtual time, by the dask cluster at {options.dask}"
            work = partial(elsewhere, dict(points[0].described["made_by"]))
            workers = Workers(dask=options.dask)
        else:
            workers = Workers(min(options.workers or pool.cores(), len(points)))
            said = f"in virtual time, processes: {workers.processes}"
        say(f"{len(points)} points {said}")
        worklist.do(points, work, workers, partial(_tell, on_point, clock))


def _rows(
    prepared: Sequence[Prepared], results: Mapping[str, PointResult]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The table's rows, and a line for each point that failed."""
    rows, failed = [], []
    for item in prepared:
        result = results[item.digest]
        if result.value is not None:
            rows += rows_of(result.value, item.columns())
            continue
        rows += rows_of_failed(str(result.failed), item.point.scenario, item.columns())
        failed.append(f"{in_words(item.point.values)}: {result.failed}")
    return rows, failed


def _tell(on_point: OnPoint, clock: Clock, progress: Progress[Task]) -> None:
    on_point(clock, progress.done, progress.total)
