"""A SimPy environment whose time is wall time, and which listens to sockets while it waits.

SimPy's own RealtimeEnvironment sleeps to the next known event, so whatever arrives from outside in
between is seen late. Here `step()` polls the sockets until the next event is due, and what arrives
is scheduled at the time it was there. An event handled late still has its own time as `now`: what
follows from it is computed as if the machine had been on time, so a stall does not slow a link.
"""

from collections.abc import Callable
from math import inf
from socket import socket
from time import perf_counter
from typing import TypeAlias

import simpy
from simpy.core import EmptySchedule

from emulation.host.alarm import Alarm

Callback: TypeAlias = Callable[[], None]

POLL_EVERY_S = 500e-6
"""However many events are due, sockets are looked at this often."""
MOST_DESCRIPTORS = 1024
"""What an alarm can watch."""
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
        self._alarm = Alarm()

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
        while (due_s := self.peek()) > self.elapsed_s():
            if due_s == inf and not (self._readable or self._writable):
                raise EmptySchedule
            self._listen_until(due_s)
        if self.elapsed_s() - self._polled_s > POLL_EVERY_S:
            self._listen_until(0.0)
        super().step()

    def _listen_until(self, time_s: float) -> None:
        """Wait for sockets and schedule what they ask for at the time it was there."""
        readable, writable, since_s = self._alarm.wait(
            self._started_s + time_s, self._readable, self._writable
        )
        self._polled_s = self.elapsed_s()
        seen_s = since_s - self._started_s
        for source in readable:
            self._schedule(source, self._readable, seen_s)
        for source in writable:
            self._schedule(source, self._writable, seen_s)

    def _schedule(self, source: int, table: dict[int, Callback], seen_s: float) -> None:
        seen = (source, table is self._writable)
        if seen in self._seen:  # it is still waiting for its turn
            return
        self._seen.add(seen)
        callback = table[source]

        def answer() -> None:
            self._seen.discard(seen)
            if table.get(source) is callback:  # else it was stopped meanwhile
                callback()

        call_at(self, seen_s, answer)


def _register(table: dict[int, Callback], source: socket | int, callback: Callback | None) -> None:
    number = source if isinstance(source, int) else source.fileno()
    if callback is None:
        table.pop(number, None)
    else:
        table[number] = callback
