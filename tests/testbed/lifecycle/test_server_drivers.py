"""The server's life on both drivers: whose turn comes when, and what a reply says of it."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pytest
import simpy

from emulation.spec import LaneSpec, LinkSpec
from testbed.channel import Frames
from testbed.channel.wire import pack, unpack
from testbed.halves.deployment import hello_of
from testbed.halves.pacer import Pacer, StageLaw
from testbed.halves.server import Server
from testbed.lifecycle.messages import Fault, Payload, Reply, Request
from testbed.model.load import NullNetwork
from testbed.network import Activation
from testbed.virtual.far import LinkAndServer, Task
from tests.testbed.lifecycle.scripted import START_S, TASKS, OurClock

FEATURE_BYTES = 8


@dataclass(frozen=True)
class Came:
    """A request: when it is at the server, and what the network takes for it."""

    at_s: float
    tail_s: float


@dataclass(frozen=True)
class Replied:
    """Which request, when it came, when its turn came, and when the reply left."""

    number: int
    came_s: float
    begun_s: float
    replied_s: float


class SlowTail(NullNetwork):
    """Takes what the script says, on a clock of ours."""

    def __init__(self, clock: OurClock, script: Sequence[Came]) -> None:
        super().__init__(TASKS, FEATURE_BYTES)
        self._clock = clock
        self._times_s = iter([came.tail_s for came in script])

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        self._clock.work(next(self._times_s))
        return super().run(x, start, stop)


class ScriptedChannel:
    """A `ServerChannel` on which requests come at their times."""

    address = "nowhere"

    def __init__(self, clock: OurClock, script: Sequence[Came], device: str = "") -> None:
        network = NullNetwork(TASKS, FEATURE_BYTES)
        payload = Payload("fp32", (1, 2, 1, 1), bytes(FEATURE_BYTES))
        self.counts: Counter[str] = Counter()
        self.said: list[Reply | Fault] = []
        self.left = len(script)
        self._clock = clock
        self._coming: deque[tuple[float, Frames]] = deque([(0.0, pack(hello_of(network, device)))])
        for number, came in enumerate(script):
            self._coming.append((came.at_s, pack(Request(number, "features", payload))))

    def receive(self, until_s: float) -> tuple[bytes, Frames] | None:
        clock = self._clock
        if not self._coming or START_S + self._coming[0][0] > max(until_s, clock.time_s):
            clock.time_s = max(clock.time_s, until_s)
            return None
        at_s, frames = self._coming.popleft()
        clock.time_s = max(clock.time_s, START_S + at_s)
        return b"edge", frames

    def send(self, peer: bytes, frames: Frames) -> None:
        message = unpack(frames)
        if isinstance(message, Reply | Fault):
            self.said.append(message)
            self.left -= 1

    def close(self) -> None:
        pass


def on_the_wall_clock(script: Sequence[Came]) -> list[Replied]:
    clock = OurClock()
    channel = ScriptedChannel(clock, script)
    Server(channel, clock).serve(SlowTail(clock, script), lambda: not channel.left)
    return [replied(message) for message in channel.said]


class ScriptedLaw:
    """A device whose tails take what the script says, and which does all else at once."""

    name = "scripted"

    def __init__(self, script: Sequence[Came]) -> None:
        self._times_s = iter([came.tail_s for came in script])

    def factor(self, share: float) -> float:
        return 1.0

    def decode_s(self, payload: Payload) -> float:
        return 0.0

    def tail_s(self, cut: int, shape: Sequence[int]) -> float:
        return next(self._times_s)


def for_a_device(script: Sequence[Came]) -> list[Replied]:
    clock, law = OurClock(), cast(StageLaw, ScriptedLaw(script))
    channel = ScriptedChannel(clock, script, law.name)
    pacer = Pacer(law, np.random.default_rng(0), clock)
    network = NullNetwork(TASKS, FEATURE_BYTES)
    Server(channel, clock).serve(network, lambda: not channel.left, pacer)
    return [replied(message) for message in channel.said]


class Edge:
    """Hears of replies."""

    def __init__(self) -> None:
        self.said: list[Reply | Fault] = []

    def answer(self, message: Reply | Fault, size_bytes: int) -> None:
        self.said.append(message)


def in_virtual_time(script: Sequence[Came]) -> list[Replied]:
    env, edge = simpy.Environment(START_S), Edge()
    far = LinkAndServer(env, LinkSpec(LaneSpec(), LaneSpec()), 1)
    for number, came in enumerate(script):
        task = Task()
        task.answer, task.number, task.classes = edge.answer, number, (0,)
        task.up_bytes = task.reply_bytes = task.down_bytes = 100
        task.decode_s = task.other_s = task.handing_down_s = 0.0
        task.tail_s, task.handing_up_s = came.tail_s, came.at_s
        far.send(task)
    env.run()
    return [replied(message) for message in edge.said]


def replied(message: Reply | Fault) -> Replied:
    assert isinstance(message, Reply)
    assert message.classes == (0,)
    came_s, replied_s = message.received_at_s - START_S, message.replied_at_s - START_S
    stages_s = message.queue_s + message.decode_s + message.tail_s
    assert stages_s == pytest.approx(replied_s - came_s, abs=1e-9)
    return Replied(message.id, came_s, came_s + message.queue_s, replied_s)


SCRIPTS = {
    "one by one": [Came(0.1, 0.05), Came(0.2, 0.05)],
    "a queue": [Came(0.1, 0.05), Came(0.11, 0.01), Came(0.12, 0.03), Came(0.3, 0.01)],
    "at the same time": [Came(0.1, 0.02), Came(0.1, 0.03)],
    "as one ends": [Came(0.1, 0.05), Came(0.15, 0.05)],
}


def reckoned(script: Sequence[Came]) -> list[Replied]:
    """First come, first served, by one who does one thing at a time."""
    free_s, expected = 0.0, []
    for number, came in enumerate(script):
        begun_s = max(free_s, came.at_s)
        free_s = begun_s + came.tail_s
        expected.append(Replied(number, came.at_s, begun_s, free_s))
    return expected


@pytest.mark.parametrize("play", [on_the_wall_clock, for_a_device, in_virtual_time])
@pytest.mark.parametrize("name", SCRIPTS)
def test_turns_and_times(name: str, play: Callable[[Sequence[Came]], list[Replied]]) -> None:
    found, wanted = play(SCRIPTS[name]), reckoned(SCRIPTS[name])
    assert [each.number for each in found] == [each.number for each in wanted]
    for left, right in zip(found, wanted, strict=True):
        times_s = (left.begun_s, left.replied_s)
        assert times_s == pytest.approx((right.begun_s, right.replied_s), abs=1e-5)
        if play is on_the_wall_clock:  # it cannot look while it really computes
            assert right.came_s - 1e-5 <= left.came_s <= right.begun_s + 1e-5
        else:
            assert left.came_s == pytest.approx(right.came_s, abs=1e-5)
