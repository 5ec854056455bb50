"""Doing one point of a sweep, wherever its process runs: a task in, a run's summary out."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.points.cluster import Unfit
from testbed.sweep.identity import code_of
from testbed.virtual.profile import Profile
from testbed.virtual.simulate import run_virtual


@dataclass(frozen=True)
class VirtualTask:
    """A scenario to run in virtual time, with the profile of its halves."""

    scenario: Scenario
    profile: Profile


@dataclass(frozen=True)
class WallTask:
    """A scenario to run on the wall clock; its whole run is left in `out`."""

    scenario: Scenario
    backend: str
    out: Path


SweepTask = VirtualTask | WallTask


def do_task(task: SweepTask) -> dict[str, Any]:
    """The summary of the run. In virtual time it needs nothing but its argument."""
    if isinstance(task, VirtualTask):
        return run_virtual(task.scenario, task.profile)[1]
    return run_on_the_wall_clock(task)


def do_task_elsewhere(made_by: Mapping[str, str], task: VirtualTask) -> dict[str, Any]:
    """`do_task` on another machine. Raises Unfit where other code would do it."""
    here = code_of("virtual")
    for name, wanted in made_by.items():
        if here.get(name) != wanted:
            raise Unfit(f"found {name} {here.get(name)}, allowed: {wanted}, as where it was asked")
    return do_task(task)


def run_on_the_wall_clock(task: WallTask) -> dict[str, Any]:
    """Run both halves over a real link. What an earlier attempt left in `out` goes.

    Raises what `wall.run.run` does.
    """
    from testbed.wall.run import RunOrder, run

    shutil.rmtree(task.out, ignore_errors=True)
    order = RunOrder(task.scenario, dump_scenario(task.scenario), task.backend, task.out)
    _, summary = run(order, lambda line: None, lambda event: None)
    return summary
