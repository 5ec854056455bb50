"""Doing one point of a sweep, wherever its process runs."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from emulation.errors import EmulationError
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.errors import TestbedError, one_line
from testbed.sweep.identity import made_by
from testbed.sweep_run.cluster import Unfit
from testbed.virtual import Profile, run_virtual


@dataclass(frozen=True)
class VirtualTask:
    """A point in virtual time. point: its digest. made_by: what has to do it (`identity.py`)."""

    point: str
    scenario: Scenario
    profile: Profile
    made_by: Mapping[str, str]


@dataclass(frozen=True)
class WallTask:
    """A point on the wall clock; its whole run is left in `out`."""

    point: str
    scenario: Scenario
    backend: str
    out: Path


@dataclass(frozen=True)
class Outcome:
    """A point that was done: its summary, or why there is none.

    process: the id of the process that did it, which tells workers apart.
    """

    point: str
    summary: dict[str, Any] | None
    failed: str | None
    seconds: float
    process: int


def do_virtual(task: VirtualTask) -> Outcome:
    """Simulate; needs nothing but its argument. Raises Unfit where other code would do it."""
    for name, wanted in task.made_by.items():
        if (found := made_by()[name]) != wanted:
            raise Unfit(f"found {name} {found}, allowed: {wanted}, as here")
    return _attempt(task.point, lambda: run_virtual(task.scenario, task.profile)[1])


def do_wall(task: WallTask) -> Outcome:
    """Run both halves over a real link. What an earlier attempt left in its folder goes."""
    from testbed.wall.run import Job, run

    def measure() -> dict[str, Any]:
        shutil.rmtree(task.out, ignore_errors=True)
        job = Job(task.scenario, dump_scenario(task.scenario), task.backend, task.out)
        _, summary = run(job, lambda line: None, lambda event: None)
        return summary

    return _attempt(task.point, measure)


def given_up(task: VirtualTask, error: Exception) -> Outcome:
    """The outcome of a point that a cluster could not do."""
    return Outcome(task.point, None, _reason(error), 0.0, 0)


def _attempt(point: str, do: Callable[[], dict[str, Any]]) -> Outcome:
    """Whatever goes wrong with a point alone is part of its outcome."""
    began = perf_counter()
    try:
        summary, failed = do(), None
    except Exception as error:
        summary, failed = None, _reason(error)
    return Outcome(point, summary, failed, perf_counter() - began, os.getpid())


def _reason(error: Exception) -> str:
    """One line; an error that nobody raised on purpose is named by its type too."""
    if isinstance(error, TestbedError | EmulationError):
        return one_line(error)
    return f"{type(error).__name__}: {one_line(error)}"
