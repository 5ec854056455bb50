"""Cases of the matrix that are a sweep in virtual time, killed and gone on with.

Whatever happened on the way, its table is that of a sweep to which nothing happened, to the byte.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGKILL
from time import monotonic

import numpy as np
import pandas as pd

from testbed.commands.run import requests_in
from testbed.sweep.expand import SweepPoint, expand
from testbed.sweep.folder import POINTS, TABLE
from testbed.sweep.sweep_file import load_sweep_file
from tests.faults.outcome import Counted, Outcome
from tests.faults.running import running
from tests.testbed.sweep.dask_cluster import Cluster, dask_cluster
from tests.testbed.sweep.small import write_sweep

AXES = """
set: {workload.requests: 50, link.uplink.loss: 2%}
axes: [{link.uplink.rate: {log: [1mbit, 100mbit], points: 30}}]
"""
KILLS = 5
MOST_POINTS_BETWEEN = 5
SEED = 1
Disturb = Callable[[Path], tuple[int, list[str]]]
"""Begins a sweep in the folder and disturbs it: how often, and what was left of it or is wrong."""


@dataclass(frozen=True)
class SweepCase:
    """disturb: until it is done or needs to be gone on with."""

    name: str
    disturb: Disturb

    def missing(self) -> str | None:
        """Nothing: it runs anywhere."""
        return None

    def play(self, folder: Path) -> Outcome:
        """In a folder that is new."""
        began_s = monotonic()
        file = write_sweep(folder, AXES)
        planned = sum(requests_in(each.scenario) for each in _points(file))
        injected, against = self.disturb(folder)
        if not (folder / "out" / TABLE).exists():
            against += _sweep(folder, "--resume")
        against += _sweep(folder, out="whole")
        tables = [folder / out / TABLE for out in ("out", "whole")]
        if not injected:
            against.append("the fault did not come about")
        if not against and tables[0].read_bytes() != tables[1].read_bytes():
            against.append("the table is another than that of a sweep that was left alone")
        counted = _counted(tables[0], planned)
        left = [str(path) for path in (folder / "out").rglob(".*")]
        seconds = monotonic() - began_s
        return Outcome(self.name, injected, 0, counted, left, "", "", against, seconds)


def killed_and_resumed(folder: Path) -> tuple[int, list[str]]:
    """The command itself, five times, each after a random number of points."""
    random = np.random.default_rng(SEED)
    injected, against = 0, list[str]()
    for kill in range(KILLS):
        more = ("--resume",) if kill else ()
        with running(folder, _arguments("out", *more), 0) as command:
            wanted = _done(folder) + int(random.integers(0, MOST_POINTS_BETWEEN, endpoint=True))
            if command.wait_until(partial(_has_done, folder, wanted)):
                injected += command.signal("main", SIGKILL)
            command.end()
            against += [f"left behind: {one}" for one in command.left_behind()]
    return injected, against


def worker_killed(folder: Path) -> tuple[int, list[str]]:
    """One of the processes that do the points."""
    with running(folder, _arguments("out"), 0) as command:
        command.wait_until(lambda: _done(folder) > 1 and command.knows("worker"))
        injected = command.signal("worker", SIGKILL)
        code = command.end()
        against = [] if code == 1 and "to go on: testbed sweep" in command.err else [command.err]
        return injected, [*against, *command.left_behind()]


def dask_worker_killed(folder: Path) -> tuple[int, list[str]]:
    """One of two: the other does it all."""
    return _on_a_cluster(folder, lambda cluster: cluster.workers[0].kill(), 0)


def dask_scheduler_killed(folder: Path) -> tuple[int, list[str]]:
    """Nobody knows of the work any more."""
    return _on_a_cluster(folder, lambda cluster: cluster.scheduler.kill(), 1)


def _on_a_cluster(
    folder: Path, kill: Callable[[Cluster], None], allowed: int
) -> tuple[int, list[str]]:
    with (
        dask_cluster(folder, workers=2) as cluster,
        running(folder, _arguments("out", "--dask", cluster.address), 0) as command,
    ):
        reached = command.wait_until(lambda: _done(folder) > 1)
        kill(cluster)
        code = command.end()
        against = command.left_behind()
        if code != allowed or "Traceback" in command.err:
            against.append(f"exit code {code}: {command.err}")
        return int(reached), against


def _sweep(folder: Path, *more: str, out: str = "out") -> list[str]:
    """To its end, undisturbed; what is against it."""
    with running(folder, _arguments(out, *more), 0) as command:
        code = command.end()
        return [*([command.err] if code else []), *command.left_behind()]


def _arguments(out: str, *more: str) -> tuple[str, ...]:
    workers = () if "--dask" in more else ("--workers", "2")
    return ("sweep", "sweep.yaml", *workers, "--out", out, *more)


def _points(file: Path) -> list[SweepPoint]:
    return expand(load_sweep_file(file)[0], file)[0]


def _done(folder: Path) -> int:
    return len(list((folder / "out" / POINTS).glob("*.json")))


def _has_done(folder: Path, points: int) -> bool:
    return (folder / "out" / POINTS).is_dir() and _done(folder) >= points


def _counted(table: Path, planned: int) -> Counted:
    """What the table says of the requests of all its points."""
    if not table.exists():
        return Counted(planned, unaccounted=planned)
    found = pd.read_parquet(table)[["in_time", "late", "lost"]].sum()
    answered, late, lost = (int(found[how]) for how in ("in_time", "late", "lost"))
    return Counted(planned, answered, late, lost, 0, abs(planned - answered - late - lost))
