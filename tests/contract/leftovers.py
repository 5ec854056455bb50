"""What a link may leave behind: processes, descriptors, files, namespaces."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

PROC = Path("/proc")
NAMESPACES = Path("/run/netns")


@dataclass(frozen=True)
class Footprint:
    """What this process holds at a moment, and what its links hold of the machine."""

    descriptors: int
    processes: frozenset[int]
    files: frozenset[str]
    namespaces: frozenset[str]


def footprint(owner: int | None = None) -> Footprint:
    """Taken now. owner: the process whose namespaces count; they are named SOMETHING-OWNER-..."""
    mark = str(os.getpid() if owner is None else owner)
    namespaces = NAMESPACES.iterdir() if NAMESPACES.is_dir() else ()
    return Footprint(
        descriptors=len(list((PROC / "self/fd").iterdir())),
        processes=descendants(os.getpid()),
        files=frozenset(path.name for path in Path(tempfile.gettempdir()).iterdir()),
        namespaces=frozenset(path.name for path in namespaces if mark in path.name.split("-")[1:2]),
    )


def descendants(process: int) -> frozenset[int]:
    """Children, their children and so on; without those that only wait to be reaped."""
    parents: dict[int, int] = {}
    for path in PROC.iterdir():
        if path.name.isdigit():
            try:
                state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:  # it has just ended
                continue
            if state != "Z":
                parents[int(path.name)] = int(parent)
    found: set[int] = set()
    frontier = {process}
    while frontier := {child for child, parent in parents.items() if parent in frontier} - found:
        found |= frontier
    return frozenset(found)


def alive(processes: frozenset[int]) -> frozenset[int]:
    """Those that still run."""
    return frozenset(p for p in processes if state_of(p) not in ("", "Z"))


def state_of(process: int) -> str:
    """One letter, see proc_pid_stat(5); empty when there is none of that number."""
    try:
        return (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def wait_until_ended(processes: frozenset[int], timeout_s: float) -> frozenset[int]:
    """Those that have not ended in time."""
    end_s = monotonic() + timeout_s
    while (left := alive(processes)) and monotonic() < end_s:
        sleep(0.02)
    return left


def wait_for(expected: Footprint, timeout_s: float, owner: int | None = None) -> Footprint:
    """The footprint once it is `expected`, or what it is when time is up."""
    end_s = monotonic() + timeout_s
    while (found := footprint(owner)) != expected and monotonic() < end_s:
        sleep(0.02)
    return found
