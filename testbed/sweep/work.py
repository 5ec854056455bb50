"""A point as work: what has to be known before it can run, its name from that, and doing it."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from emulation.link import choose_backend
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.devices.find import check_devices
from testbed.points.cluster import Unfit
from testbed.points.code import digest_of
from testbed.points.store import Point
from testbed.runs.environment import environment
from testbed.sweep.expand import SweepPoint
from testbed.sweep.folder import RUNS
from testbed.sweep.identity import code_of, point_digest, with_paths
from testbed.sweep.sweep_file import Clock
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import names_devices, repertoire_of
from testbed.virtual.measure import profile_among, profile_for
from testbed.virtual.repertoire import Repertoire
from testbed.virtual.simulate import run_virtual

Say = Callable[[str], None]
Task = Callable[[], dict[str, Any]]
"""Does a point, wherever its process runs, and returns its run's summary."""

_WITHOUT_PROFILE = {"name", "description", "link", "repeats"}
"""Parts of a scenario on which nothing that is replayed depends; a profile of this host does not
depend on the seed either, and is found again (`virtual/fingerprint.py`)."""


@dataclass(frozen=True)
class Origin:
    """Where the numbers of one clock's points come from."""

    backend: str
    environment: dict[str, Any]
    made_by: Mapping[str, str]


@dataclass(frozen=True)
class Prepared:
    """A point that can be done. digest: its name. profile: what is replayed in virtual time."""

    point: SweepPoint
    digest: str
    origin: Origin
    depends_on: dict[str, Any]
    profile: Repertoire | None

    def columns(self) -> dict[str, Any]:
        """What every row of the point says of it."""
        return {
            "point": self.digest,
            "index": self.point.index,
            "backend": self.origin.backend,
            "clock": self.point.clock,
            **self.point.values,
        }

    def to_do(self, folder: Path) -> Point[Task]:
        """The point as work for the sweep in `folder`, with where its numbers come from."""
        scenario = self.point.scenario
        if self.profile is None:
            out = folder / RUNS / self.digest
            task: Task = partial(on_the_wall_clock, scenario, self.origin.backend, out)
        else:
            task = partial(in_virtual_time, scenario, self.profile)
        described = {
            "clock": self.point.clock,
            "values": self.point.values,
            "depends_on": self.depends_on,
            "made_by": self.origin.made_by,
            "environment": self.origin.environment,
            "scenario": with_paths(scenario, os.path.relpath),
        }
        return Point(self.digest, task, described)


def prepare(
    points: Sequence[SweepPoint], backend: str, say: Say, kept: Path | None = None
) -> list[Prepared]:
    """Each point with its digest; profiles that are missing are measured now, one after the other.

    backend: of points on the wall clock. kept: a folder with the profiles of an earlier part of
    this sweep, which are used however old they are. Raises LinkUnavailable, BadInput for a device
    or radio that is not there, and what measuring raises.
    """
    origins = {clock: _origin(clock, backend) for clock in {point.clock for point in points}}
    replayed: dict[str, tuple[Repertoire, str]] = {}
    contents = Contents()
    prepared = []
    for point in points:
        check_devices(point.scenario)
        origin = origins[point.clock]
        if point.clock == "virtual":
            halves = digest_of(point.scenario.model_dump(mode="json", exclude=_WITHOUT_PROFILE))
            if halves not in replayed:
                found = _repertoire(point.scenario, contents, kept, say)
                replayed[halves] = found, digest_of(found.model_dump(mode="json"))
            profile, digest = replayed[halves]
            depends_on = {"profile": digest}
        else:
            processor = origin.environment["cpu"]["model"]
            profile, depends_on = None, {"backend": origin.backend, "processor": processor}
        everything = depends_on | {"made_by": dict(origin.made_by)}
        name = point_digest(point.scenario, point.clock, everything)
        prepared.append(Prepared(point, name, origin, depends_on, profile))
    return prepared


def _repertoire(scenario: Scenario, contents: Contents, kept: Path | None, say: Say) -> Repertoire:
    """Reckoned from the devices that the scenario names; else this host's profile."""
    if names_devices(scenario):
        return repertoire_of(scenario, contents)
    if kept is not None and (profile := profile_among(kept, scenario)):
        return profile
    return profile_for(scenario, say=say)


def _origin(clock: Clock, backend: str) -> Origin:
    if clock == "virtual":
        where = environment("simpy", "virtual time: the link is computed")
        return Origin("simpy", where, code_of(clock))
    chosen, why = choose_backend(backend)
    return Origin(chosen.name, environment(chosen.name, why), code_of(clock, chosen.name))


def in_virtual_time(scenario: Scenario, profile: Repertoire) -> dict[str, Any]:
    """Replay the profile of its halves; needs nothing but its arguments."""
    return run_virtual(scenario, profile)[1]


def on_the_wall_clock(scenario: Scenario, backend: str, out: Path) -> dict[str, Any]:
    """Run both halves over a real link, and leave the run in `out`; what an earlier left goes.

    Raises what `wall.run.run` does.
    """
    from testbed.wall.run import RunOptions, run

    shutil.rmtree(out, ignore_errors=True)
    job = RunOptions(scenario, dump_scenario(scenario), backend, out)
    _, summary = run(job, lambda line: None, lambda event: None)
    return summary


def elsewhere(made_by: Mapping[str, str], task: Task) -> dict[str, Any]:
    """A point in virtual time on another machine. Raises Unfit where other code would do it."""
    here = code_of("virtual")
    for name, wanted in made_by.items():
        if here.get(name) != wanted:
            raise Unfit(f"found {name} {here.get(name)}, allowed: {wanted}, as where it was asked")
    return task()
