"""A SimPy environment whose time is wall time, and which listens to sockets while it waits.

SimPy's own RealtimeEnvironment sleeps to the next known event, so whatever arrives from outside in
between is seen late. Here `step()` polls the sockets until the next event is due, and what arrives
is scheduled at the time it was there. An event handled late still has its own time as `now`: what
follows from it is computed as if the machine had been on time, so a stall does not slow a link.

`select` is used on every system: epoll counts its timeout in milliseconds, select in microseconds.
It cannot watch file descriptors of 1024 and above.
"""

from collections.abc import Callable
from math import inf
from select import select
from socket import socket
from time import perf_counter
from typing import TypeAlias

import simpy
from simpy.core import EmptySchedule

Callback: TypeAlias = Callable[[], None]

LONGEST_SPIN_S = 150e-6
"""The last stretch before an event is spent polling, for a sleeping process wakes late: for twice
as long as it was late on average, and for this long at most."""
WEIGHT = 1 / 16
"""Of the latest sleep in that average."""
SLACK = 2e-3
"""select(2) may be late by a thousandth of its timeout (the kernel's select_estimate_accuracy)."""
POLL_EVERY_S = 500e-6
"""However many events are due, sockets are looked at this often."""
MOST_DESCRIPTORS = 1024
"""What `select` can watch."""
MARGIN_S = 1e-9
"""Added to a time aimed at, so that rounding never lets it come out earlier."""


def call_at(env: simpy.Environment, time_s: float, callback: Callback) -> None:
    """Have `callback` called at `time_s` of the environment's time, or now if that has passed."""
    event = env.timeout(max(0.0, time_s - env.now + MARGIN_S))
    event.callbacks.append(lambda _: callback())


class Pacer(simpy.Environment):
    """Runs events at their wall time, 0 being the moment of construction."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self._readable: dict[int, Callback] = {}
        self._writable: dict[int, Callback] = {}
        self._seen: set[tuple[int, bool]] = set()
        self._started_s = perf_counter()
        self._polled_s = 0.0
        self._late_s = LONGEST_SPIN_S / 2

    def elapsed_s(self) -> float:
        """Wall time since construction; `now` is the time of the event being handled."""
        return perf_counter() - self._started_s

    def on_readable(self, source: socket | int, callback: Callback | None) -> None:
        """Call back whenever `source` can be read; None stops that."""
        _register(self._readable, source, callback)

    def on_writable(self, source: socket | int, callback: Callback | None) -> None:
        """Call back whenever `source` can be written; None stops that."""
        _register(self._writable, source, callback)

    def step(self) -> None:
        """Wait until the next event is due, then process it. Raises EmptySchedule at the end."""
        while True:
            wait_s = self.peek() - self.elapsed_s()
            if wait_s <= 0:
                break
            if wait_s == inf and not (self._readable or self._writable):
                raise EmptySchedule
            sleep_s = wait_s * (1 - SLACK) - 2 * self._late_s
            self._poll(None if wait_s == inf else max(0.0, sleep_s))
        if self.elapsed_s() - self._polled_s > POLL_EVERY_S:
            self._poll(0.0)
        super().step()

    def _poll(self, timeout_s: float | None) -> None:
        """Wait for sockets and schedule what they ask for at the time it was there.

        What ends a sleep came about as long ago as waking up takes.
        """
        began_s = self.elapsed_s()
        readable, writable, _ = select(self._readable, self._writable, (), timeout_s)
        self._polled_s = self.elapsed_s()
        seen_s = self._polled_s
        if timeout_s is None or (timeout_s and (readable or writable)):
            seen_s = max(began_s, seen_s - self._late_s)
        elif timeout_s:
            late_s = min(seen_s - began_s - timeout_s, LONGEST_SPIN_S / 2)
            self._late_s += (late_s - self._late_s) * WEIGHT
        for source in readable:
            self._schedule(source, self._readable, False, seen_s)
        for source in writable:
            self._schedule(source, self._writable, True, seen_s)

    def _schedule(
        self, source: int, table: dict[int, Callback], writing: bool, seen_s: float
    ) -> None:
        if (source, writing) in self._seen:  # it is still waiting for its turn
            return
        self._seen.add((source, writing))
        callback = table[source]

        def answer() -> None:
            self._seen.discard((source, writing))
            if table.get(source) is callback:  # else it was stopped meanwhile
                callback()

        call_at(self, seen_s, answer)


def _register(table: dict[int, Callback], source: socket | int, callback: Callback | None) -> None:
    number = source if isinstance(source, int) else source.fileno()
    if callback is None:
        table.pop(number, None)
    else:
        table[number] = callback
