"""Doing one point of a sweep, wherever its process runs: each returns its run's summary."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.points.cluster import Unfit
from testbed.sweep.identity import code_of
from testbed.virtual.profile import Profile
from testbed.virtual.simulate import run_virtual

Task = Callable[[], dict[str, Any]]
"""One of these with its arguments."""


def in_virtual_time(scenario: Scenario, profile: Profile) -> dict[str, Any]:
    """Replay the profile of its halves; needs nothing but its arguments."""
    return run_virtual(scenario, profile)[1]


def on_the_wall_clock(scenario: Scenario, backend: str, out: Path) -> dict[str, Any]:
    """Run both halves over a real link, and leave the run in `out`; what an earlier left goes.

    Raises what `wall.run.run` does.
    """
    from testbed.wall.run import Job, run

    shutil.rmtree(out, ignore_errors=True)
    job = Job(scenario, dump_scenario(scenario), backend, out)
    _, summary = run(job, lambda line: None, lambda event: None)
    return summary


def elsewhere(made_by: Mapping[str, str], task: Task) -> dict[str, Any]:
    """A point in virtual time on another machine. Raises Unfit where other code would do it."""
    here = code_of("virtual")
    for name, wanted in made_by.items():
        if here.get(name) != wanted:
            raise Unfit(f"found {name} {here.get(name)}, allowed: {wanted}, as where it was asked")
    return task()
