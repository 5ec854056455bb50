"""What lies beyond the edge in virtual time: the link, and the server at its other end."""

from typing import Protocol, TypeAlias

import simpy

from emulation.spec import LinkSpec
from testbed.lifecycle.messages import Fault, Reply
from testbed.lifecycle.server import Answer, Compute, Idle, ServerQueue
from testbed.lifecycle.wire_bytes import Metered
from testbed.virtual.link import VirtualLink

MOST_UNDER_WAY = 1000
"""Messages ZeroMQ holds for a connection (its ZMQ_SNDHWM); what a kernel holds is left out."""


class Sender(Protocol):
    """Whose request a message is; it is told of the answer."""

    def answer(self, message: Reply | Fault, size_bytes: int) -> None:
        """The answer is there."""
        ...


class Task:
    """A request on its way: what it puts on the connection, and what it will ask of the server."""

    __slots__ = (
        "classes", "decode_s", "down_bytes", "handing_down_s", "handing_up_s", "number", "other_s",
        "reply_bytes", "sender", "tail_s", "up_bytes",
    )  # fmt: skip

    sender: Sender
    number: int
    up_bytes: int
    handing_up_s: float
    decode_s: float
    tail_s: float
    other_s: float
    classes: tuple[int, ...]
    reply_bytes: int
    down_bytes: int
    handing_down_s: float


Answered: TypeAlias = tuple[Task, Reply | Fault]
"""A request, and what is on its way back."""


class Far(Protocol):
    """What an edge in virtual time sends to. outstanding: requests sent and not yet answered."""

    outstanding: int

    def takes_more(self) -> bool:
        """Whether the transport has room for another request."""
        ...

    def send(self, task: Task) -> None:
        """Hand over a request now."""
        ...

    def metered(self, now_s: float) -> Metered:
        """What a meter at the edge's end of the link would read."""
        ...


class LinkAndServer:
    """One connection over the transport model, and one server that takes a request at a time."""

    def __init__(self, env: simpy.Environment, spec: LinkSpec, seed: int) -> None:
        self.outstanding = 0
        self.answered = 0
        self.link: VirtualLink[Task, Answered] = VirtualLink(env, spec, seed)
        self._env = env
        self._queue: ServerQueue[Task] = ServerQueue()
        self._life = self._queue.life()
        self._idle = isinstance(next(self._life), Idle)
        self._closed = False
        self._done: Answer[Task]

    def takes_more(self) -> bool:
        """Whether ZeroMQ would take another message."""
        return len(self.link.up.under_way) < MOST_UNDER_WAY

    def send(self, task: Task) -> None:
        """Put it on the uplink now."""
        self.outstanding += 1
        self.link.up.carry(task.up_bytes, task.handing_up_s, task, self._arrive)

    def metered(self, now_s: float) -> Metered:
        """IP bytes that have left the edge and have reached it by then."""
        return self.link.metered(now_s)

    def _arrive(self, task: Task) -> None:
        self._queue.arrived(task)
        if self._idle:
            self._idle = False
            self._advance(self._env.now)

    def _advance(self, now_s: float) -> None:
        """Do what the server's life asks for; the time it takes passes when it has an answer."""
        while True:
            ask = self._life.send(now_s)
            if isinstance(ask, Compute):
                if ask.stage == "decode":
                    now_s += ask.request.decode_s
                else:
                    now_s += ask.request.tail_s
                    ask.classes = ask.request.classes
            elif isinstance(ask, Idle):
                self._idle = True
                return
            else:
                self._done = ask
                delay_s = now_s + ask.request.other_s - self._env.now
                self._env.timeout(delay_s).callbacks.append(self._reply)
                return

    def _reply(self, event: simpy.Event) -> None:
        now_s, done, task = self._env.now, self._done, self._done.request
        self.answered += 1
        server_s = done.decode_s + done.tail_s + task.other_s
        times = (done.decode_s, done.tail_s, server_s, done.received_s, now_s)
        reply = Reply(task.number, done.classes, *times)
        self.link.down.carry(task.down_bytes, task.handing_down_s, (task, reply), self._answered)
        self._advance(now_s)

    def close(self) -> None:
        """The edge has left: whatever else comes, nobody hears of it."""
        self._closed = True

    def _answered(self, answered: Answered) -> None:
        if self._closed:
            return
        task, message = answered
        self.outstanding -= 1
        task.sender.answer(message, task.reply_bytes)
