"""Drives the life of a block in SimPy's time, with measured durations in place of work.

Time in which nothing can come is not waited for: the edge runs ahead of SimPy's clock and lets it
catch up when a request is sent. That saves most of the events.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import simpy

from testbed.lifecycle.asks import Ask, Compute, Life, Receive, Send
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.messages import Fault, Reply
from testbed.lifecycle.reasons import TOO_LATE, UNSENT
from testbed.virtual.far import Far, Task
from testbed.virtual.work import Work


@dataclass
class VirtualEdge:
    """An edge that does one block's work.

    now_s, start_s: the edge's own time, and when the block begins, in SimPy's environment. strays:
    where answers to requests that were given up are counted. whole: of the whole network, where the
    edge may fall back on it.
    """

    env: simpy.Environment
    far: Far
    work: Work
    strays: Counter[str]
    whole: Work | None = None

    def __post_init__(self) -> None:
        self.now_s = self.start_s = self.env.now
        self._answer = self.answer
        self._block: EdgeBlock
        self._life: Life
        self._unsent: Send
        self._finished = self.env.event()
        self._inbox: deque[tuple[Reply | Fault, float, int]] = deque()
        self._listening = False
        self._alarm_s = -1.0
        self._ended = False
        self._stages_s: Sequence[float] = ()
        self._worked_until_s = self.now_s + self.work.replay.usual_server_s

    def drive(self, block: EdgeBlock, life: Life) -> simpy.Event:
        """Do what the life asks for; the event comes at its end."""
        self._block, self._life = block, life
        try:
            if self._done_at_once(next(life)):
                self._advance()
        except StopIteration:
            self._end()
        return self._finished

    def _advance(self, event: simpy.Event | None = None) -> None:
        """Do one thing after another until there is something to wait for."""
        life, start_s = self._life, self.start_s
        try:
            while self._done_at_once(life.send(self.now_s - start_s)):
                pass
        except StopIteration:
            self._end()

    def _end(self) -> None:
        """Let SimPy's clock come to where the edge is."""
        self._ended = True
        self.env.timeout(max(0.0, self.now_s - self.env.now)).callbacks.append(self._finish)

    def _finish(self, event: simpy.Event) -> None:
        self._finished.succeed()

    def _done_at_once(self, ask: Ask) -> bool:
        """Do what is asked for; False where `_advance` will be called when it is done."""
        env, far = self.env, self.far
        if isinstance(ask, Compute):
            self.now_s += self._compute(ask)
            if far.outstanding:
                env.timeout(self.now_s - env.now).callbacks.append(self._advance)
                return False
        elif isinstance(ask, Receive):
            until_s = self.start_s + ask.until_s
            if self._inbox:
                while self._inbox:
                    self._take(*self._inbox.popleft())
            elif far.outstanding and until_s > self.now_s:
                self._listening = True
                self._set_alarm(until_s)
                return False
            else:
                self.now_s = max(self.now_s, until_s)
        elif self.now_s > env.now:
            self._unsent = ask
            env.timeout(self.now_s - env.now).callbacks.append(self._send_now)
            return False
        else:
            self._send(ask)
        return True

    def _send_now(self, event: simpy.Event) -> None:
        self._send(self._unsent)
        self._advance()

    def answer(self, message: Reply | Fault, size_bytes: int) -> None:
        """An answer is there; it is taken now, or when the edge is next free to."""
        if self._ended:
            self.strays[TOO_LATE] += 1
        elif self._listening:
            self.now_s = self.env.now
            self._take(message, self.now_s, size_bytes)
            self._wake()
        else:
            self._inbox.append((message, self.env.now, size_bytes))

    def lose_server(self) -> None:
        """The server is gone."""
        self._block.lose_server()
        self._wake()

    def _compute(self, ask: Compute) -> float:
        """Seconds in which the edge does nothing else."""
        work, record = self.work, ask.record
        if ask.stage == "head":
            self._stages_s = work.stages_s(record.index, self.now_s - self._worked_until_s)
            stage_s = self._stages_s[0]
            ask.classes = work.classes[record.index]
            ask.kept = stage_s if work.replay.begins_network else 0.0
        elif ask.stage == "encode":
            stage_s = self._stages_s[1]
            record.payload_up_bytes = work.payload_bytes[record.index]
        else:
            stage_s = self._fall_back(ask)
        self._worked_until_s = self.now_s + stage_s + work.replay.usual_server_s
        return stage_s

    def _fall_back(self, ask: Compute) -> float:
        """Seconds of the whole network, less what the head was of it."""
        whole, index = self.whole, ask.record.index
        if whole is None:
            raise ValueError("an edge that may fall back needs the whole network's times")
        ask.classes = whole.classes[index]
        done_s = cast(float | None, ask.kept) or 0.0
        return max(0.0, whole.stages_s(index, self.now_s - self._worked_until_s)[0] - done_s)

    def _send(self, ask: Send) -> None:
        if not self.far.takes_more():
            ask.fault = UNSENT
            return
        work, index, task = self.work, ask.record.index, Task()
        task.answer, task.number = self._answer, ask.number
        stages_s = self._stages_s
        task.handing_up_s = stages_s[2]
        _, _, _, task.decode_s, task.tail_s, task.other_s, task.handing_down_s = stages_s
        task.up_bytes = work.up_bytes[index]
        task.classes = work.classes[index]
        task.reply_bytes = work.reply_bytes[index]
        task.down_bytes = work.down_bytes[index]
        self.far.send(task)

    def _take(self, message: Reply | Fault, came_s: float, size_bytes: int) -> None:
        start_s = self.start_s
        times_s = came_s - start_s, self.now_s - start_s
        if not self._block.take(message, *times_s, size_bytes, start_s):
            self.strays[TOO_LATE] += 1

    def _set_alarm(self, time_s: float) -> None:
        """Wake up then at the latest; an alarm under way that comes sooner is enough, for now."""
        now_s = self.env.now
        if now_s < self._alarm_s <= time_s:
            return
        self._alarm_s = max(time_s, now_s)
        self.env.timeout(self._alarm_s - now_s).callbacks.append(self._wake)

    def _wake(self, event: simpy.Event | None = None) -> None:
        if self._listening:
            self._listening = False
            self.now_s = self.env.now
            self._advance()
