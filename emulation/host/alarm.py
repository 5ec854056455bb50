"""Sleeping until a moment, exactly: the time waking takes is learned and slept less.

A sleep ends when the timer fires *and* the scheduler has put the process back on a core, some 20
to 60 us later. Sleeping shorter by what that took lately leaves an error of a few us, at the
price of polling for a few us. select(2) is used because its timeout has microseconds;
epoll_wait(2) has milliseconds. It cannot watch descriptors of 1024 and above.
"""

import os
import select
from collections.abc import Iterable
from contextlib import suppress
from math import inf
from pathlib import Path
from time import perf_counter

LONGEST_SPIN_S = 150e-6
"""No sleep ends earlier than this before its deadline, however late sleeps have been."""
SLACK = 2e-3
"""But for this share of it: select(2) may be late by half of that (select_estimate_accuracy in the
kernel). What is left of so long a sleep is slept anew."""
SPIN_SHARE = 0.005
"""Of a sleep, spent polling at its end: exactness after long sleeps, where it is cheap."""
LONGEST_SLEEP_S = 3600.0
"""Look again after this at the latest: select(2) refuses times beyond the end of time_t."""
STEP_S = 0.5e-6
"""What is learned from one sleep. Steps up and down of one size settle at the median, which the
few sleeps that are interrupted for long do not move."""
REALTIME_PRIORITY = 1


class Alarm:
    """Waits for descriptors until a deadline. Times are perf_counter seconds."""

    def __init__(self) -> None:
        self.waking_s = 50e-6

    def wait(
        self, deadline_s: float, inputs: Iterable[int] = (), outputs: Iterable[int] = ()
    ) -> tuple[list[int], list[int], float]:
        """Which can be read and which be written, and since when, as far as can be known.

        None of them: the deadline (infinity: there is none) has come, or is too near to sleep until
        it; look again.
        """
        began_s = perf_counter()
        sleep_s = None
        if deadline_s < inf:
            left_s = min(deadline_s - began_s, LONGEST_SLEEP_S)
            longest_s = max(LONGEST_SPIN_S, SLACK * left_s)
            sleep_s = left_s - min(longest_s, self.waking_s + SPIN_SHARE * left_s)
            if sleep_s <= 0:
                readable, writable, _ = select.select(inputs, outputs, (), 0)
                return readable, writable, began_s
        readable, writable, _ = select.select(inputs, outputs, (), sleep_s)
        now_s = perf_counter()
        if sleep_s is None or readable or writable:  # it came about as long ago as waking takes
            return readable, writable, max(began_s, now_s - self.waking_s)
        late_s = now_s - began_s - sleep_s
        if late_s < self.waking_s:
            self.waking_s -= STEP_S
        elif self.waking_s < LONGEST_SPIN_S:
            self.waking_s += STEP_S
        return readable, writable, now_s


def prefer_this_process() -> str:
    """Ask for exact timers and to run before others; returns what was granted, in words.

    Children do not inherit the priority. Sources: proc(5) on timerslack_ns, sched(7).
    """
    with suppress(OSError):  # /proc may be read-only; select(2) then adds 50 us, which is learned
        Path("/proc/self/timerslack_ns").write_text("1", encoding="ascii")
    policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
    try:
        os.sched_setscheduler(0, policy, os.sched_param(REALTIME_PRIORITY))
    except PermissionError:
        return "ordinary"
    return "real-time, round robin"
