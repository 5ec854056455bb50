"""What tells one point from another: everything its numbers depend on, as one short digest.

The scenario without what is only said of it, the contents of the files it names, the clock, the
code that does the point and the packages that compute in it, and what the clock brings along: the
profile in virtual time, backend and processor on the wall clock. So a point that changed in any of
these runs again.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from emulation.link import BACKENDS
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import change_paths
from testbed.points.code import DIGITS, digest_of, made_by
from testbed.sweep.sweep_file import Clock

VIRTUAL_CODE = ("testbed.virtual.simulate",)
WALL_CODE = ("testbed.wall.run", "testbed.commands.child", "emulation.probe", "emulation.host")
"""What does a point, by clock. A run starts the halves (`commands.child`), the ends of the probe
and the keeper of namespaces as processes, and opens a backend, by their names; so they are named
here too. Measuring a profile is not among them: a point in virtual time depends on what was
measured."""

ONLY_SHOWS = ("testbed.figures", "testbed.terminal")
"""What a run does with its numbers when it has them."""


@cache
def code_of(clock: Clock, backend: str | None = None) -> Mapping[str, str]:
    """The code that does points on a clock, as a digest, and the packages that compute in it.

    backend: of the link, on the wall clock.
    """
    entries = [*(VIRTUAL_CODE if clock == "virtual" else WALL_CODE)]
    if backend is not None:
        entries.append(BACKENDS[backend].rpartition(".")[0])
    return made_by(*entries, without=ONLY_SHOWS)


def point_digest(scenario: Scenario, clock: Clock, depends_on: Mapping[str, Any]) -> str:
    """The digest that names a point. depends_on: what the clock brings along; plain values."""
    contents = with_paths(scenario, _file_digest) | {"description": ""}
    return digest_of({"scenario": contents, "clock": clock, "depends_on": depends_on})


def with_paths(scenario: Scenario, shown: Callable[[Path], str]) -> dict[str, Any]:
    """The effective scenario as plain values, with something else in place of each path."""
    tree: dict[str, Any] = scenario.model_dump(mode="json")
    change_paths(tree, shown)
    return tree


@cache
def _file_digest(path: Path) -> str:
    """Of a file its contents; of a folder (a data set) the names, sizes and dates in it."""
    if path.is_dir():
        return digest_of([*_listing(path)])
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS]
    except OSError:
        return "unreadable"  # the run will say what is wrong with it


def _listing(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        facts = file.lstat()  # of a link itself: it may lead nowhere
        yield f"{file.relative_to(folder)} {facts.st_size} {facts.st_mtime_ns}"
