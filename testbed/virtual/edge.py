"""The edge half in virtual time: a block of requests, timed and given up as by `halves/block.py`.

The edge does one thing at a time. While it really computes it takes no replies; while it waits (for
the next request, for the rest of a stretched stage, for an answer) it takes them as they come.
"""

from collections import Counter, deque
from collections.abc import Generator
from math import nan
from typing import TypeAlias

import simpy

from testbed.halves.block import BUSY, OVERDUE, UNANSWERED, UNSENT, Rules
from testbed.virtual.link import VirtualLink
from testbed.virtual.server import Message, Server
from testbed.virtual.work import Work

Process: TypeAlias = Generator[simpy.Event, None, None]

FAULTS = ("", BUSY, UNSENT, UNANSWERED, OVERDUE)
_NONE, _BUSY, _UNSENT, _UNANSWERED, _OVERDUE = range(len(FAULTS))

MOST_UNDER_WAY = 1000
"""Messages ZeroMQ holds for a connection (its ZMQ_SNDHWM); what a kernel holds is left out."""
ROUNDING_S = 1e-9


class Block:
    """One deployment's requests in one repeat.

    due_s, issued_s, received_s (by the server), answered_s: marks by index, NaN where it never came
    to that. rested: how much of a pause came before each (`work.Paced`). faults:
    positions in FAULTS. ended: indices in the order they ended; metered: the link's meter at each
    of these moments, after the one at the start. strays: where answers to requests given up are
    counted.
    """

    def __init__(
        self,
        env: simpy.Environment,
        link: VirtualLink[Message],
        server: Server,
        rules: Rules,
        work: Work,
        strays: Counter[str],
    ) -> None:
        count = len(work.rows)
        self.work = work
        self.start_s = env.now
        self.due_s = [nan] * count
        self.issued_s = [nan] * count
        self.received_s = [nan] * count
        self.answered_s = [nan] * count
        self.rested = [0.0] * count
        self.faults = [_NONE] * count
        self.ended: list[int] = []
        self.metered = [link.metered()]
        self._env = env
        self._link = link
        self._server = server
        self._rules = rules
        self._strays = strays
        self._pending: dict[int, None] = {}
        self._inbox: deque[int] = deque()
        self._listening = False
        self._waiting: simpy.Event | None = None
        self._alarm_s = -1.0
        self._worked_until_s = env.now + work.usual_server_s

    def requests(self) -> Process:
        """The process that issues them all; it ends when each of them has."""
        env, rules, work = self._env, self._rules, self.work
        period_s, crosses_link = rules.period_s, work.replay.crosses_link
        for index in range(len(work.rows)):
            due_s = env.now + rules.pause_s
            if rules.pause_s:
                yield env.timeout(rules.pause_s)
            if period_s is not None:
                due_s = self.start_s + index * period_s
                if due_s > env.now:
                    yield from self._listen(due_s - env.now)
                self._give_up_overdue()
            self.due_s[index] = due_s
            self.issued_s[index] = env.now
            if env.now - due_s > rules.timeout_s:
                self._end(index, _BUSY)
                continue
            rested = self._rest(index)
            if self._pending or self._inbox:
                yield from self._compute_among_replies(index)
            else:
                yield env.timeout(work.edge.at(index, rested))
            self._worked_until_s = env.now + work.usual_server_s
            if crosses_link:
                self._send(index)
            else:
                self._answer(index)
            if period_s is None and self._pending:
                yield from self._drain()
        yield from self._drain()
        self._listening = True  # to nothing but answers that come too late

    def reply(self, message: Message) -> None:
        """A reply of this block has arrived."""
        _, index = message
        if self._listening:
            self._take(index)
        else:
            self._inbox.append(index)

    def _rest(self, index: int) -> float:
        """How much of a pause there was, beyond what a closed loop without a link has as well."""
        rested = self.work.replay.rested(self._env.now - self._worked_until_s)
        self.rested[index] = rested
        return rested

    def _compute_among_replies(self, index: int) -> Process:
        """As one timeout would, but for the replies taken in between."""
        slowdown, rested = self._rules.slowdown, self.rested[index]
        for stage in (self.work.head, self.work.encode):
            stage_s = stage.at(index, rested)
            busy_s = stage_s / slowdown
            yield self._env.timeout(busy_s)
            if slowdown > 1:
                yield from self._listen(stage_s - busy_s)

    def _listen(self, duration_s: float) -> Process:
        self._take_waiting()
        self._listening = True
        yield self._env.timeout(duration_s)
        self._listening = False

    def _send(self, index: int) -> None:
        up, work = self._link.up, self.work
        if len(up.under_way) >= MOST_UNDER_WAY:
            self._end(index, _UNSENT)
            return
        self._pending[index] = None
        handing_s = work.handing_up.at(index, self.rested[index])
        up.carry(work.up_bytes[index], handing_s, (self, index), self._server.arrive)

    def _drain(self) -> Process:
        """Take replies until nothing is outstanding or its time is over."""
        self._take_waiting()
        self._listening = True
        self._give_up_overdue()
        while self._pending:
            self._set_alarm(self.due_s[next(iter(self._pending))] + self._rules.timeout_s)
            self._waiting = self._env.event()
            yield self._waiting
            self._give_up_overdue()
        self._listening = False

    def _set_alarm(self, time_s: float) -> None:
        """Wake up then at the latest; one alarm under way is enough, it is set again."""
        now_s = self._env.now
        if now_s < self._alarm_s <= time_s:
            return
        self._alarm_s = max(time_s, now_s) + ROUNDING_S
        self._env.timeout(self._alarm_s - now_s).callbacks.append(self._wake)

    def _wake(self, event: simpy.Event | None = None) -> None:
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.succeed()

    def _take_waiting(self) -> None:
        while self._inbox:
            self._take(self._inbox.popleft())

    def _take(self, index: int) -> None:
        if index not in self._pending:
            self._strays["after its timeout"] += 1
            return
        del self._pending[index]
        self._answer(index)
        if not self._pending:
            self._wake()

    def _answer(self, index: int) -> None:
        self.answered_s[index] = now_s = self._env.now
        overdue = now_s - self.due_s[index] > self._rules.timeout_s
        self._end(index, _OVERDUE if overdue else _NONE)

    def _give_up_overdue(self) -> None:
        latest_s = self._env.now - self._rules.timeout_s + ROUNDING_S
        while self._pending and self.due_s[index := next(iter(self._pending))] <= latest_s:
            del self._pending[index]
            self._end(index, _UNANSWERED)

    def _end(self, index: int, fault: int) -> None:
        self.faults[index] = fault
        self.ended.append(index)
        self.metered.append(self._link.metered())
