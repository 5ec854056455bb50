"""Starts `child.py` and reads what it measured."""

import json
import subprocess
import sys
from dataclasses import dataclass

from testbed.errors import PeerLost
from testbed.paper.memory.cases import Case, footprint
from testbed.paper.memory.child import proc_bytes

CHILD = "testbed.paper.memory.child"
TIMEOUT_S = 3600
"""The longest case is minutes of computing; other work on the machine can stretch that."""
SHARE_OF_FREE_MEMORY = 0.5
"""A case is measured if it takes no more: others use the machine too, and torch needs scratch."""


@dataclass(frozen=True)
class Measured:
    """Resident memory of a process: its peak with torch and nothing else, and at the end."""

    imported_bytes: int
    peak_bytes: int

    @property
    def above_torch_bytes(self) -> int:
        """What the deployment added."""
        return self.peak_bytes - self.imported_bytes


def measure(case: Case, threads: int) -> Measured:
    """Run the case in a process of its own. Raises PeerLost when that fails."""
    asked = {
        "deployment": case.deployment,
        "backbone": case.backbone,
        "tasks": dict(case.workload.tasks),
        "height": case.workload.size.height,
        "width": case.workload.size.width,
        "threads": threads,
    }
    command, what = [sys.executable, "-m", CHILD], f"measuring {case.backbone} {case.deployment}"
    try:
        done = subprocess.run(
            [*command, json.dumps(asked)],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PeerLost(f"{what}: no result in {TIMEOUT_S} s") from None
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise PeerLost(f"{what}: the process said: {said}")
    return Measured(**json.loads(done.stdout))


def can_be_measured(case: Case) -> bool:
    """Whether the machine can count resident memory and has room for the case at this moment.

    `MtlNet` takes squares only, so of other images only the backbone is measured.
    """
    size = case.workload.size
    if case.deployment != "sc" and size.height != size.width:
        return False
    free = free_memory_bytes()
    return free is not None and footprint(case).total_bytes <= SHARE_OF_FREE_MEMORY * free


def free_memory_bytes() -> int | None:
    """MemAvailable of /proc/meminfo; None where there is none."""
    try:
        return proc_bytes("/proc/meminfo", "MemAvailable")
    except OSError:
        return None
