"""What tells one point from another: everything its numbers depend on, as one short digest.

The scenario without what is only said of it, the contents of the files it names, the clock, this
package's code, the packages that compute, and what the clock brings along: the profile in virtual
time, backend and processor on the wall clock. So a point that changed in any of these runs again.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import emulation
import testbed
from testbed.config.scenario import WEIGHTS_BY_NAME, Scenario
from testbed.config.scenario_file import PATH_KEYS

DIGITS = 16
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "simpy", "pillow", "pandas", "pyzmq")

_NOT_IN_A_POINT = (
    "cli/*",
    "commands/*",
    "results/crossover.py",
    "figures/*",
    "pool.py",
    "reproduce/*",
    "sweep/*",
    "sweep_run/*",
    "terminal/*",
    "training/*",
    "wording.py",
)
"""Of `testbed/`: what only asks for a point or shows it. All other code counts."""


def point_hash(scenario: Scenario, clock: str, depends_on: Mapping[str, Any]) -> str:
    """The digest that names a point. depends_on: what the clock brings along; plain values."""
    basis = {
        "scenario": _contents(scenario),
        "clock": clock,
        "depends_on": depends_on,
        "made_by": dict(made_by()),
    }
    return _digest(json.dumps(basis, sort_keys=True).encode())


@cache
def made_by() -> Mapping[str, str]:
    """This package's code, as a digest, and the versions of those that compute."""
    return {"code": _code_digest(), **{name: version(name) for name in PACKAGES}}


def _code_digest() -> str:
    """Of the source of both packages, as far as it has a part in what a point gives."""
    own, link = Path(testbed.__file__).parent, Path(emulation.__file__).parent
    left_out = {file for pattern in _NOT_IN_A_POINT for file in own.rglob(pattern)}
    sources = [file for top in (own, link) for file in top.rglob("*.py") if file not in left_out]
    found = {file.relative_to(own.parent).as_posix(): file.read_bytes() for file in sources}
    return _digest(b"".join(name.encode() + b"\0" + found[name] for name in sorted(found)))


def _contents(scenario: Scenario) -> dict[str, Any]:
    """The scenario's keys, with what files hold in place of where they are."""
    tree = scenario.model_dump(mode="json", exclude={"description"})
    for *parents, key in PATH_KEYS:
        section = tree
        for parent in parents:
            section = section[parent]
        if section[key] is not None and section[key] not in WEIGHTS_BY_NAME:
            section[key] = _file_digest(Path(section[key]))
    return tree


@cache
def _file_digest(path: Path) -> str:
    """Of a file its contents; of a folder (a data set) the names, sizes and dates in it."""
    if path.is_dir():
        return _digest("\n".join(_listing(path)).encode())
    try:
        return _digest(path.read_bytes())
    except OSError:
        return "unreadable"  # the run will say what is wrong with it


def _listing(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        facts = file.stat()
        yield f"{file.relative_to(folder)} {facts.st_size} {facts.st_mtime_ns}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
