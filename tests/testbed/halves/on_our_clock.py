"""Halves on a clock that a test drives: a network that takes as long as it is told, and no more."""

from collections import Counter
from collections.abc import Iterator, Sequence

from testbed.channel import Frames
from testbed.channel.wire import WELCOME, Hello, Message, Notice, pack, unpack
from testbed.halves.machine import clock_id
from testbed.halves.pacer import StageLaw
from testbed.model.load import NullNetwork
from testbed.network import Activation
from tests.testbed import made_up_device
from tests.testbed.halves_in_threads import FEATURE_BYTES, TASKS
from tests.testbed.lifecycle.scripted import OurClock

BLOCK_S, HEADS_S, CODEC_S, TRANSPORT_S = 0.010, 0.004, 0.002, 0.001


class BusyNetwork(NullNetwork):
    """Its features take the next of `head_s` of the clock, its heads the next of `tail_s`.

    Where there is none left, nothing.
    """

    def __init__(
        self, clock: OurClock, head_s: Sequence[float] = (), tail_s: Sequence[float] = ()
    ) -> None:
        super().__init__(TASKS, FEATURE_BYTES)
        self.clock, self.head_s, self.tail_s = clock, iter(head_s), iter(tail_s)

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        if start < 2 <= stop:
            self.clock.work(next(self.head_s, 0.0))
        if start < 3 == stop:
            self.clock.work(next(self.tail_s, 0.0))
        return super().run(x, start, stop)


def stage_law(network: NullNetwork, widest: float = 1.0) -> StageLaw:
    """A device on which each stage takes the seconds above, at most `widest` times that."""
    law = made_up_device.law(
        network,
        block_s=BLOCK_S,
        heads_s=HEADS_S,
        codec_s=CODEC_S,
        transport_s=TRANSPORT_S,
        widest=widest,
    )
    return StageLaw("made-up", law, len(network.blocks))


class Welcoming:
    """An `EdgeChannel` to a server that says welcome, and nothing else ever."""

    address, refusal = "nowhere", ""

    def __init__(self, clock: OurClock) -> None:
        self.connected = True
        self._clock, self._greeted = clock, False

    def send(self, frames: Frames) -> bool:
        self._greeted = isinstance(unpack(frames), Hello)
        return True

    def receive(self, until_s: float) -> Frames | None:
        if self._greeted:
            self._greeted = False
            return pack(Notice(WELCOME, clock_id()))
        self._clock.time_s = max(self._clock.time_s, until_s)
        return None

    def close(self) -> None:
        pass


class Asking:
    """A `ServerChannel` on which one peer says what it is told to, and the answers are kept."""

    address = "nowhere"

    def __init__(self, messages: Sequence[Message]) -> None:
        self.counts: Counter[str] = Counter()
        self.answers: list[Message] = []
        self._count = len(messages)
        self._messages: Iterator[Message] = iter(messages)

    @property
    def over(self) -> bool:
        return len(self.answers) == self._count

    def receive(self, until_s: float) -> tuple[bytes, Frames] | None:
        message = next(self._messages, None)
        return None if message is None else (b"peer", pack(message))

    def send(self, peer: bytes, frames: Frames) -> None:
        self.answers.append(unpack(frames))

    def close(self) -> None:
        pass
