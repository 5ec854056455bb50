"""What a machine did besides the work of a half: why it was late, if it was. Linux tells most."""

import os
import resource
from pathlib import Path

from testbed.channel.survey import Interference

_STAT, _SCHEDSTAT = Path("/proc/stat"), Path("/proc/self/schedstat")
_STEAL = 8
"""Place in the first line of /proc/stat, which is of all processors (proc(5)), in clock ticks."""
_QUEUED = 1
"""Place in schedstat, in nanoseconds, of the main thread (Documentation/scheduler/sched-stats)."""


def interference() -> Interference:
    """So far, counted from moments of their own."""
    preemptions = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
    ticks_s = os.sysconf("SC_CLK_TCK")
    return Interference(
        _number(_STAT, _STEAL, 1 / ticks_s), _number(_SCHEDSTAT, _QUEUED, 1e-9), preemptions
    )


def since(before: Interference) -> Interference:
    """What has come to it since then."""
    now = interference()
    return Interference(
        _grown(before.steal_s, now.steal_s),
        _grown(before.queued_s, now.queued_s),
        now.preemptions - before.preemptions,
    )


def _number(file: Path, place: int, unit_s: float) -> float | None:
    try:
        return int(file.read_text(encoding="ascii").split(maxsplit=place + 1)[place]) * unit_s
    except (OSError, ValueError, IndexError):
        return None


def _grown(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else max(0.0, now - before)
