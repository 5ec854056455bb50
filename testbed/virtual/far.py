"""What lies beyond the edge in virtual time: the link, as events, and the server behind it."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import simpy

from emulation.spec import LinkSpec
from emulation.transport.connection import dial
from emulation.transport.flow import Flow
from testbed.lifecycle.messages import Fault, Reply
from testbed.lifecycle.server import Answer, Compute, Idle, life
from testbed.lifecycle.wire_bytes import Metered

MOST_UNDER_WAY = 1000
"""Messages ZeroMQ holds for a connection (its ZMQ_SNDHWM); what a kernel holds is left out."""

Message = TypeVar("Message")


@dataclass(slots=True, init=False, eq=False)
class Task:
    """A request on its way: what it puts on the connection, and what it will ask of the server."""

    answer: Callable[[Reply | Fault, int], None]
    """Is given the answer and its size in bytes."""
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


Exchanges: TypeAlias = Sequence[tuple[int, int]]
"""Bytes up, and the bytes down that answer them."""
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


class Direction(Generic[Message]):
    """Messages one way; `arrive` is called with each, in the order in which they were sent."""

    def __init__(
        self, env: simpy.Environment, flow: Flow, arrive: Callable[[Message], None]
    ) -> None:
        self._env = env
        self._send = flow.send
        self._arrive = arrive
        self._last_s = 0.0
        self.under_way: deque[Message] = deque()

    def carry(self, size_bytes: int, handing_s: float, message: Message) -> None:
        """Send a message now; it has arrived when it is there and, after `handing_s`, read."""
        now_s = self._env.now
        there_s = max(self._send(now_s, size_bytes) + handing_s, self._last_s)
        self._last_s = there_s
        self.under_way.append(message)
        self._env.timeout(there_s - now_s).callbacks.append(self._land)

    def _land(self, event: simpy.Event) -> None:
        self._arrive(self.under_way.popleft())


class LinkAndServer:
    """One connection over the transport model, and one server that takes a request at a time.

    established_s: when its handshake is over; infinity where nothing gets through. closed: the edge
    has left, and whatever else comes, nobody hears of it.
    """

    def __init__(self, env: simpy.Environment, spec: LinkSpec, seed: int) -> None:
        self.outstanding = 0
        self.answered = 0
        self.closed = False
        connection, self.established_s = dial(spec, seed, env.now)
        self._connection = connection
        self._up = Direction(env, connection.up, self._arrive)
        self._down = Direction(env, connection.down, self._answered)
        self._env = env
        self._waiting: deque[tuple[float, Task]] = deque()
        self._life = life(self._waiting)
        self._idle = isinstance(next(self._life), Idle)
        self._done: Answer[Task]

    def takes_more(self) -> bool:
        """Whether ZeroMQ would take another message."""
        return len(self._up.under_way) < MOST_UNDER_WAY

    def send(self, task: Task) -> None:
        """Put it on the uplink now."""
        self.outstanding += 1
        self._up.carry(task.up_bytes, task.handing_up_s, task)

    def converse(self, exchanges: Exchanges) -> Generator[simpy.Event, None, None]:
        """Say and hear messages of these sizes in turn, as a process; ends early where one is lost.

        What they take both ends to make is left out.
        """
        env, connection = self._env, self._connection
        for size_bytes, answer_bytes in exchanges:
            for flow, bytes_now in ((connection.up, size_bytes), (connection.down, answer_bytes)):
                there_s = flow.send(env.now, bytes_now)
                if there_s == inf:
                    return
                yield env.timeout(there_s - env.now)

    def metered(self, now_s: float) -> Metered:
        """IP bytes that have left the edge and have reached it by then, as a meter would read."""
        down = self._connection.down_lane
        down.settle(now_s)
        return self._connection.up_lane.offered_bytes, down.delivered_bytes

    def describe_link(self) -> dict[str, Any]:
        """The counters of both lanes."""
        lanes = {"uplink": self._connection.up_lane, "downlink": self._connection.down_lane}
        return {name: asdict(lane.counters()) for name, lane in lanes.items()}

    def _arrive(self, task: Task) -> None:
        self._waiting.append((self._env.now, task))
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
        times = (done.queue_s, done.decode_s, done.tail_s, done.arrived_s, now_s)
        reply = Reply(task.number, done.classes, *times)
        self._down.carry(task.down_bytes, task.handing_down_s, (task, reply))
        self._advance(now_s)

    def _answered(self, answered: Answered) -> None:
        if self.closed:
            return
        task, message = answered
        self.outstanding -= 1
        task.answer(message, task.reply_bytes)
