"""The same events told to both drivers of a block's life: one on a clock of ours, one in SimPy.

A script says how long the edge computes and what comes back when; `on_the_wall_clock` and
`in_virtual_time` play it and give the records. No time passes in either.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import Literal, cast

import numpy as np
import simpy

from testbed.channel import Frames
from testbed.channel.wire import WELCOME, Hello, Notice, pack, unpack
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment
from testbed.halves.edge import RealEdge
from testbed.halves.machine import Clock, clock_id
from testbed.halves.workload import Sample
from testbed.lifecycle.asks import Life, Rules
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.messages import Fault, Payload, Reply, Request
from testbed.lifecycle.reasons import TOO_LATE
from testbed.model.load import NullNetwork
from testbed.network import Activation, Image, Network
from testbed.results.record import RequestRecord
from testbed.virtual.far import Task
from testbed.virtual.virtual_edge import VirtualEdge
from testbed.virtual.work import Replay, Work
from tests.testbed.virtual import made_up

TASKS = ("shape",)
SERVER_S, QUEUE_S, DECODE_S, TAIL_S = 0.003, 0.0002, 0.001, 0.0015
OVERRUNS, OVERRUN_S = 2, 0.0002
START_S = 50.0
MOST_STEPS = 200
ANYTHING_ELSE = 999
"""The number of a request that nobody made."""

Kind = Literal["reply", "fault", "other tasks"]


@dataclass(frozen=True)
class Back:
    """What comes back `after_s` a request was sent. number: whose answer it is, if not its own."""

    after_s: float
    kind: Kind = "reply"
    number: int | None = None


@dataclass(frozen=True)
class Script:
    """head_s, encode_s: processor time of each stage, which lasts slowdown times that long; rest_s:
    of what is behind the head, where the edge falls back.

    back: request -> what comes of it.

    full_for: requests that the transport does not take. gone_s: when the server goes.
    """

    rules: Rules
    due_s: Sequence[float]
    head_s: float = 0.0
    encode_s: float = 0.0
    back: Mapping[int, Sequence[Back]] = field(default_factory=dict)
    full_for: frozenset[int] = frozenset()
    gone_s: float = inf
    crosses_link: bool = True
    slowdown: float = 1.0
    rest_s: float = 0.0


@dataclass
class Played:
    """records: as their requests ended. strays: answers that nobody waited for."""

    records: list[RequestRecord]
    strays: int


def message(kind: Kind, number: int, sent_s: float, at_s: float) -> Reply | Fault:
    """What the server says; it had the request half way between the two, to its own work."""
    if kind == "fault":
        return Fault(number, "no")
    received_s = (sent_s + at_s - SERVER_S) / 2
    classes = (number % 4,) if kind == "reply" else (1, 2, 3)
    times = (QUEUE_S, DECODE_S, TAIL_S, received_s, received_s + SERVER_S)
    return Reply(number, classes, *times, OVERRUNS, OVERRUN_S)


def answers(script: Script, number: int, sent_s: float) -> Iterator[tuple[float, Reply | Fault]]:
    for back in script.back.get(number, ()):
        whose = number if back.number is None else back.number
        at_s = sent_s + back.after_s
        yield at_s, message(back.kind, whose, sent_s, at_s)


def _bounded(life: Life) -> Life:
    """The same, but it does not go on for ever."""
    ask = next(life)
    for _ in range(MOST_STEPS):
        now_s = yield ask
        try:
            ask = life.send(now_s)
        except StopIteration:
            return
    raise RuntimeError(f"more than {MOST_STEPS} steps")


class OurClock(Clock):
    """Time goes on when somebody says so."""

    def __init__(self) -> None:
        self.time_s = START_S
        self.used_s = 3.0
        self.first = False

    def now_s(self) -> float:
        return self.time_s

    def busy_s(self) -> float:
        return self.used_s

    def wait_until(self, time_s: float) -> None:
        self.time_s = max(self.time_s, time_s)

    def run_first(self, wanted: bool) -> None:
        self.first = wanted

    def work(self, duration_s: float) -> None:
        assert not self.first, "who computes must not keep others from it"
        self.time_s += duration_s
        self.used_s += duration_s


class ScriptedChannel:
    """An `EdgeChannel` on which everything comes at its time."""

    address, refusal = "nowhere", ""

    def __init__(self, clock: OurClock, script: Script) -> None:
        self.connected = True
        self._clock = clock
        self._script = script
        self._coming: list[tuple[float, int, Frames]] = []
        self._gone_s = clock.now_s() + script.gone_s

    def send(self, frames: Frames) -> bool:
        said = unpack(frames)
        if not isinstance(said, Request):
            self._come(self._clock.now_s(), pack(Notice(WELCOME, clock_id())))
        elif said.id in self._script.full_for:
            return False
        else:
            for at_s, answer in answers(self._script, said.id, self._clock.now_s()):
                self._come(at_s, pack(answer))
        return True

    def receive(self, until_s: float) -> Frames | None:
        clock = self._clock
        latest_s = max(until_s, clock.now_s())
        next_s = self._coming[0][0] if self._coming else inf
        if not self.connected or latest_s < min(next_s, self._gone_s):
            clock.time_s = latest_s
            return None
        clock.time_s = max(clock.time_s, min(next_s, self._gone_s))
        if self._gone_s <= next_s:
            self.connected = False
            return None
        return heappop(self._coming)[2]

    def close(self) -> None:
        pass

    def _come(self, at_s: float, frames: Frames) -> None:
        heappush(self._coming, (at_s, len(self._coming), frames))


class ScriptedDeployment:
    """A deployment that computes nothing for as long as the script says."""

    name, cut_name = "scripted", "features"

    def __init__(self, clock: OurClock, script: Script) -> None:
        self.crosses_link = script.crosses_link
        self._clock = clock
        self._script = script
        self._answered = 0

    def compute(self, network: Network, image: Image) -> Activation:
        self._clock.work(self._script.head_s)
        if self.crosses_link:
            return image
        self._answered += 1
        return [np.eye(4, dtype=np.float32)[(self._answered - 1) % 4]]

    def finish(self, network: Network, image: Image, made: Activation | None) -> Activation:
        head_s = self._script.head_s if made is None else 0.0
        self._clock.work(head_s + self._script.rest_s)
        return [np.eye(4, dtype=np.float32)[image[0, 0, 0] % 4]]

    def encode(self, array: Image) -> Payload:
        self._clock.work(self._script.encode_s)
        return Payload("raw", (1,), bytes(made_up.PAYLOAD_BYTES))


def _samples(script: Script) -> list[Sample]:
    """Each image shows which it is."""
    images = [np.full((1, 1, 3), index, np.uint8) for index in range(len(script.due_s))]
    return [Sample(100 + index, {"shape": 1}, image) for index, image in enumerate(images)]


def on_the_wall_clock(script: Script) -> Played:
    """Played by `RealEdge`, over a channel and a clock of ours."""
    clock = OurClock()
    channel = ScriptedChannel(clock, script)
    client = Client(channel, clock)
    client.hello(Hello("null"), 1.0)
    records: list[RequestRecord] = []
    deployment = cast(Deployment, ScriptedDeployment(clock, script))
    edge = RealEdge(
        NullNetwork(TASKS, 8), client, deployment, _samples(script), script.slowdown, clock
    )
    block = EdgeBlock("scripted", 0, TASKS, script.crosses_link, script.rules, records.append)
    edge.drive(block, _bounded(block.life(_samples(script), script.due_s, 0)))
    return Played(records, client.strays[TOO_LATE])


class ScriptedFar:
    """A `Far` from which everything comes at its time. outstanding counts what is still to come."""

    def __init__(self, env: simpy.Environment, script: Script) -> None:
        self.outstanding = 0
        self.edge: VirtualEdge
        self._env = env
        self._script = script
        self._tried = 0
        self._gone = False
        if script.gone_s < inf:
            self.outstanding += 1
            env.timeout(script.gone_s).callbacks.append(self._go)

    def takes_more(self) -> bool:
        self._tried += 1
        return self._tried - 1 not in self._script.full_for

    def send(self, task: Task) -> None:
        now_s = self._env.now
        for at_s, answer in answers(self._script, task.number, now_s):
            self.outstanding += 1
            self._env.timeout(at_s - now_s, answer).callbacks.append(self._come)

    def _come(self, event: simpy.Event) -> None:
        self.outstanding -= 1
        if not self._gone:
            answer = cast(Reply | Fault, event.value)
            self.edge.answer(answer, sum(len(frame) for frame in pack(answer)))

    def _go(self, event: simpy.Event) -> None:
        self.outstanding -= 1
        self._gone = True
        self.edge.lose_server()


def in_virtual_time(script: Script) -> Played:
    """Played by `VirtualEdge`, with a profile in which every request takes the same."""
    slowdown = script.slowdown
    columns = {"head_s": slowdown * script.head_s, "encode_s": slowdown * script.encode_s}
    count, whole_s = len(script.due_s), slowdown * (script.head_s + script.rest_s)
    profile = made_up.profile(columns, rows=count, slowdown=slowdown, whole_s=whole_s)
    replay = Replay(profile, "split-fp16" if script.crosses_link else "local", slowdown)
    work = Work(replay, np.arange(count), 0)
    whole = Work(Replay(profile, "local", slowdown), np.arange(count), 0)
    env, strays = simpy.Environment(START_S), Counter[str]()
    far = ScriptedFar(env, script)
    records: list[RequestRecord] = []
    far.edge = edge = VirtualEdge(env, far, work, strays, whole)
    block = EdgeBlock("scripted", 0, TASKS, script.crosses_link, script.rules, records.append)
    env.run(edge.drive(block, _bounded(block.life(work.samples, script.due_s, 0))))
    return Played(records, strays[TOO_LATE])
