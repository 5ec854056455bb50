"""Sleeping until a moment, exactly: the time waking takes is learned and slept less.

A sleep ends when the timer fires *and* the scheduler has put the process back on a core, some 20
to 60 us later. Sleeping shorter by what that took lately makes the error a few us, and only those
few are spent polling. select(2) is used because its timeout has microseconds; epoll_wait(2) has
milliseconds.
"""

import os
import select
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

LONGEST_SPIN_S = 150e-6
"""Never poll for longer than this before a deadline, however late sleeps have been."""
WEIGHT = 1 / 16
"""Of the newest sleep in the running mean."""
LONG_SLEEP_SLACK = 1.1e-3
"""select(2) may be late by a thousandth of its timeout (the kernel's select_estimate_accuracy)."""
REALTIME_PRIORITY = 1


class Alarm:
    """Waits for input until a deadline. Times are perf_counter seconds."""

    def __init__(self, inputs: Sequence[int]) -> None:
        self._inputs = list(inputs)
        self._margin_s = 50e-6

    def wait(self, deadline_s: float | None) -> tuple[list[int], float]:
        """Descriptors with input, and the time now; none have any close before the deadline.

        Returns at once, for the caller to ask again, when the deadline is too near to sleep.
        """
        if deadline_s is None:
            return select.select(self._inputs, (), ())[0], perf_counter()
        began_s = perf_counter()
        sleep_s = (deadline_s - began_s) * (1 - LONG_SLEEP_SLACK) - self._margin_s
        if sleep_s <= 0:
            return select.select(self._inputs, (), (), 0)[0], perf_counter()
        ready = select.select(self._inputs, (), (), sleep_s)[0]
        now_s = perf_counter()
        if not ready:
            late_s = min(now_s - began_s - sleep_s, LONGEST_SPIN_S)
            self._margin_s += (late_s - self._margin_s) * WEIGHT
        return ready, now_s


def prefer_this_process() -> str:
    """Ask for exact timers and to run before others; returns what was granted, in words."""
    Path("/proc/self/timerslack_ns").write_text("1", encoding="ascii")
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REALTIME_PRIORITY))
    except PermissionError:
        return "ordinary"
    return "real-time, round robin"
