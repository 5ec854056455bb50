"""Before the first point runs: what its clock brings along is found out, and its name from that."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulation.link import choose_backend
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import PATH_KEYS
from testbed.environment import environment
from testbed.sweep.expand import Point
from testbed.sweep.identity import DIGITS, point_hash
from testbed.virtual import Profile, profile_for

Say = Callable[[str], None]

_WITHOUT_PROFILE = {"name", "description", "link", "seed", "repeats"}
"""Parts of a scenario on which no profile depends (`virtual/fingerprint.py`)."""


@dataclass(frozen=True)
class Source:
    """Where the numbers of one clock's points come from."""

    backend: str
    environment: dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A point that can be done. digest: its name. profile: of its halves, in virtual time."""

    point: Point
    digest: str
    source: Source
    depends_on: dict[str, Any]
    profile: Profile | None

    def columns(self) -> dict[str, Any]:
        """What every row of the point says of it."""
        return {
            "point": self.digest,
            "index": self.point.index,
            "backend": self.source.backend,
            "clock": self.point.clock,
            **self.point.values,
        }

    def provenance(self) -> dict[str, Any]:
        """Where the point's numbers come from, as kept beside them."""
        return {
            "clock": self.point.clock,
            "values": self.point.values,
            "depends_on": self.depends_on,
            "environment": self.source.environment,
            "scenario": _shown(self.point.scenario),
        }


def prepare(points: Sequence[Point], backend: str, say: Say) -> list[Prepared]:
    """Each point with its digest; profiles that are missing are measured now, one after the other.

    backend: of points on the wall clock. Raises LinkUnavailable, and what measuring raises.
    """
    sources = {clock: _source(clock, backend) for clock in {point.clock for point in points}}
    profiles: dict[str, tuple[Profile, str]] = {}
    prepared = []
    for point in points:
        source = sources[point.clock]
        profile, depends_on = None, _of_the_wall_clock(source)
        if point.clock == "virtual":
            halves = point.scenario.model_dump_json(exclude=_WITHOUT_PROFILE)
            if halves not in profiles:
                profiles[halves] = _profile(point.scenario, say)
            profile, digest = profiles[halves]
            depends_on = {"profile": digest}
        name = point_hash(point.scenario, point.clock, depends_on)
        prepared.append(Prepared(point, name, source, depends_on, profile))
    return prepared


def _source(clock: str, backend: str) -> Source:
    if clock == "virtual":
        return Source("simpy", environment("simpy", "virtual time: the link is computed"))
    chosen, why = choose_backend(backend)
    return Source(chosen.name, environment(chosen.name, why))


def _of_the_wall_clock(source: Source) -> dict[str, Any]:
    return {"backend": source.backend, "processor": source.environment["cpu"]["model"]}


def _profile(scenario: Scenario, say: Say) -> tuple[Profile, str]:
    """The profile and a digest of it."""
    profile = profile_for(scenario, say=say)
    return profile, hashlib.sha256(profile.model_dump_json().encode()).hexdigest()[:DIGITS]


def _shown(scenario: Scenario) -> dict[str, Any]:
    """The effective scenario, without the folders that tell whose machine it was."""
    tree: dict[str, Any] = scenario.model_dump(mode="json")
    for *parents, key in PATH_KEYS:
        section = tree
        for parent in parents:
            section = section[parent]
        if section[key] is not None and Path(section[key]).is_absolute():
            section[key] = os.path.relpath(section[key])
    return tree
