"""The server half in virtual time: one request after another, as they come."""

from collections import deque
from collections.abc import Generator
from typing import Protocol, TypeAlias

import simpy

from testbed.virtual.link import Direction
from testbed.virtual.work import Work


class Sender(Protocol):
    """Whose requests these are: one block of the edge (`edge.py`), which is told of replies."""

    work: Work
    rested: list[float]
    received_s: list[float]

    def reply(self, message: "Message") -> None:
        """A reply has arrived."""
        ...


Message: TypeAlias = tuple[Sender, int]
"""A request or its reply: whose it is, and its index there."""


class Server:
    """A SimPy process; what comes while it works waits in a queue."""

    def __init__(self, env: simpy.Environment, down: Direction[Message]) -> None:
        self._env = env
        self._down = down
        self._queue: deque[Message] = deque()
        self._idle: simpy.Event | None = None
        self.answered = 0
        env.process(self._serve())

    def arrive(self, request: Message) -> None:
        """A request has been received whole."""
        self._queue.append(request)
        if self._idle is not None:
            idle, self._idle = self._idle, None
            idle.succeed()

    def _serve(self) -> Generator[simpy.Event, None, None]:
        env, queue, down = self._env, self._queue, self._down
        while True:
            if not queue:
                self._idle = env.event()
                yield self._idle
            message = queue.popleft()
            block, index = message
            work = block.work
            block.received_s[index] = env.now
            rested = block.rested[index]
            yield env.timeout(work.server.at(index, rested))
            self.answered += 1
            handing_s = work.handing_down.at(index, rested)
            down.carry(work.down_bytes[index], handing_s, message, block.reply)
