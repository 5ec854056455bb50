"""Before the first point runs: what its clock brings along is found out, and its name from that."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from emulation.link import choose_backend
from testbed.environment import environment
from testbed.points.code import digest_of
from testbed.points.store import Point
from testbed.sweep.expand import SweepPoint
from testbed.sweep.folder import RUNS
from testbed.sweep.identity import code_of, point_digest, with_paths
from testbed.sweep.sweep_file import Clock
from testbed.sweep.work import Task, in_virtual_time, on_the_wall_clock
from testbed.virtual.cache import profile_for
from testbed.virtual.profile import Profile

Say = Callable[[str], None]

_WITHOUT_PROFILE = {"name", "description", "link", "seed", "repeats"}
"""Parts of a scenario on which no profile depends (`virtual/fingerprint.py`)."""


@dataclass(frozen=True)
class Origin:
    """Where the numbers of one clock's points come from."""

    backend: str
    environment: dict[str, Any]
    made_by: Mapping[str, str]


@dataclass(frozen=True)
class Prepared:
    """A point that can be done. digest: its name. profile: of its halves, in virtual time."""

    point: SweepPoint
    digest: str
    origin: Origin
    depends_on: dict[str, Any]
    profile: Profile | None

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


def prepare(points: Sequence[SweepPoint], backend: str, say: Say) -> list[Prepared]:
    """Each point with its digest; profiles that are missing are measured now, one after the other.

    backend: of points on the wall clock. Raises LinkUnavailable, and what measuring raises.
    """
    origins = {clock: _origin(clock, backend) for clock in {point.clock for point in points}}
    profiles: dict[str, tuple[Profile, str]] = {}
    prepared = []
    for point in points:
        origin = origins[point.clock]
        if point.clock == "virtual":
            halves = point.scenario.model_dump_json(exclude=_WITHOUT_PROFILE)
            if halves not in profiles:
                measured = profile_for(point.scenario, say=say)
                profiles[halves] = measured, digest_of(measured.model_dump(mode="json"))
            profile, digest = profiles[halves]
            depends_on = {"profile": digest}
        else:
            processor = origin.environment["cpu"]["model"]
            profile, depends_on = None, {"backend": origin.backend, "processor": processor}
        everything = depends_on | {"made_by": dict(origin.made_by)}
        name = point_digest(point.scenario, point.clock, everything)
        prepared.append(Prepared(point, name, origin, depends_on, profile))
    return prepared


def _origin(clock: Clock, backend: str) -> Origin:
    if clock == "virtual":
        where = environment("simpy", "virtual time: the link is computed")
        return Origin("simpy", where, code_of(clock))
    chosen, why = choose_backend(backend)
    return Origin(chosen.name, environment(chosen.name, why), code_of(clock, chosen.name))
