"""The machine that a half is on: its clock, and processors that do not fall asleep meanwhile.

An idle processor goes to sleep, and a virtual one is lent to others: after it the same work takes
longer, the more so the longer the wait was. Then a slow link would make slow computers.
"""

import hashlib
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import perf_counter, process_time

from emulation.host.alarm import REALTIME_PRIORITY, Alarm

DEVICE = Path("/dev/cpu_dma_latency")
NO_LATENCY = bytes(4)
"""A native 32-bit count of microseconds."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_NAMESPACE = Path("/proc/self/ns/time")


class Clock:
    """The machine's, in seconds from moments of its own; a test drives another."""

    now_s = staticmethod(perf_counter)
    """A time that never runs backwards."""

    busy_s = staticmethod(process_time)
    """The processor time that this process has used, all threads together."""

    def __init__(self) -> None:
        self._alarm = Alarm()

    def wait_until(self, time_s: float) -> None:
        """Do nothing until then."""
        while self.now_s() < time_s:
            self._alarm.wait(time_s)

    def run_first(self, wanted: bool) -> None:
        """Let this thread run before all others when it has something to do, or as usual again.

        For a half that waits, sends and receives, not for one that computes. On a busy machine who
        wakes up waits for a processor, for 3 ms and more, however nice the others are; a real-time
        policy spares it that (sched(7)). Who may not have it goes without.
        """
        with suppress(AttributeError, OSError):  # no Linux, not allowed
            policy = os.SCHED_RR if wanted else os.SCHED_OTHER
            os.sched_setscheduler(0, policy, os.sched_param(REALTIME_PRIORITY if wanted else 0))


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


@contextmanager
def awake(device: Path = DEVICE) -> Iterator[bool]:
    """Keep processors from sleeping; False where that cannot be had (no Linux, no root).

    Linux's PM QoS (Documentation/power/pm_qos_interface.rst), as cyclictest uses it: it holds as
    long as the file is open, so nothing stays behind, however the process ends.
    """
    granted = False
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(device.open("r+b", buffering=0)).write(NO_LATENCY)
            granted = True
        yield granted
