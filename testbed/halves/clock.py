"""The clock that a half reads, and whether another process reads the same one."""

import hashlib
import platform
import uuid
from pathlib import Path
from time import perf_counter, process_time

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_NAMESPACE = Path("/proc/self/ns/time")


class Clock:
    """The machine's, in seconds from moments of its own; a test drives another."""

    def now_s(self) -> float:
        """A time that never runs backwards."""
        return perf_counter()

    def busy_s(self) -> float:
        """The processor time that this process has used, all threads together."""
        return process_time()


WALL_CLOCK = Clock()


def clock_id() -> str:
    """Equal in two processes exactly when their `perf_counter` values can be compared.

    On Linux that is one boot of one kernel and one time namespace (CLOCK_MONOTONIC,
    time_namespaces(7)); elsewhere, one machine.
    """
    if _BOOT_ID.exists():
        parts = [_BOOT_ID.read_text(encoding="ascii").strip()]
        if _TIME_NAMESPACE.exists():
            parts.append(str(_TIME_NAMESPACE.readlink()))
    else:
        parts = [platform.node(), str(uuid.getnode())]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
