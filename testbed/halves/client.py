"""The edge's end of the conversation: hello, requests out, replies in.

Nothing the network sends raises out of here: what is not a reply of ours is counted in `strays`.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from testbed.channel import EdgeChannel, Frames
from testbed.channel.survey import Survey
from testbed.channel.wire import REFUSED, WELCOME, Hello, Message, Notice, pack, unpack
from testbed.errors import PeerLost, ProtocolError
from testbed.halves.machine import WALL_CLOCK, Clock, clock_id
from testbed.lifecycle.messages import Fault, Reply, Request
from testbed.lifecycle.reasons import TOO_LATE

Answer = TypeVar("Answer", bound=Survey)

PATIENCE = 1000
"""Messages on one connection that no server half would send; then it is none, and as good as gone.
An answer that comes too late is not among them."""


class Received(NamedTuple):
    """A reply, or the server's word that it could not; when it came (edge clock), and its size."""

    message: Reply | Fault
    at_s: float
    size_bytes: int


@dataclass
class Presence:
    """How often the server was lost, and found again."""

    lost: int = 0
    found: int = 0
    gone: bool = False

    def lose(self) -> None:
        """It is not there, as far as is known."""
        self.lost += not self.gone
        self.gone = True

    def find(self) -> None:
        """It answers."""
        self.found += self.gone
        self.gone = False


@dataclass
class Client:
    """What is said over one channel to a server half.

    clock: the one that the channel's times are on. shared_clock: whether the server reads it too.
    presence: whether the server is there; of a channel that finds it again (`lasting.py`).
    """

    channel: EdgeChannel
    clock: Clock = WALL_CLOCK
    shared_clock: bool = False
    strays: Counter[str] = field(default_factory=Counter)
    presence: Presence = field(default_factory=Presence)

    @property
    def connected(self) -> bool:
        """False once the server is known to be gone."""
        return self.channel.connected

    def hello(self, hello: Hello, timeout_s: float) -> None:
        """Agree on version, model and codec tables. Raises PeerLost when that cannot be had."""
        address = self.channel.address
        self.channel.send(pack(hello))
        frames = self.channel.receive(self.clock.now_s() + timeout_s)
        if refusal := self.channel.refusal:
            raise PeerLost(f"the server at {address} {refusal}")
        if frames is None:
            raise PeerLost(f"no server half answers at {address} within {timeout_s:.3g} s")
        self.welcome(welcomed(frames, address, hello))

    def welcome(self, clock: str) -> None:
        """A server has welcomed this edge, and reads this clock."""
        self.shared_clock = clock == clock_id()

    def ask(self, question: Message, kind: type[Answer], timeout_s: float) -> Answer | Fault | None:
        """Ask something else than a request; None when no answer comes in time.

        A Fault is the server's word that it could not. Replies that come meanwhile are too late.
        """
        if not self.connected:
            return None
        self.channel.send(pack(question))
        until_s = self.clock.now_s() + timeout_s
        while (frames := self.channel.receive(until_s)) is not None:
            message = self._unpacked(frames)
            if isinstance(message, kind) or (isinstance(message, Fault) and message.id < 0):
                return message
            if message is not None:
                self.strays[TOO_LATE] += 1
            if not self.connected or self.clock.now_s() >= until_s:  # there may always be more
                break
        return None

    def submit(self, request: Request) -> bool:
        """Hand a request to the transport; False when it takes no more, or the server is gone."""
        channel = self.channel
        return channel.connected and channel.send(pack(request))

    def receive(self, until_s: float) -> Received | None:
        """The next reply, or None when `until_s` (edge clock) comes first or the server is gone."""
        while (frames := self.channel.receive(until_s)) is not None:
            at_s = self.clock.now_s()
            message = self._unpacked(frames)
            if isinstance(message, Reply | Fault):
                return Received(message, at_s, sum(map(len, frames)))
            if message is not None:
                self._pass_over("unexpected")
            if not self.connected:
                break
        return None

    def _unpacked(self, frames: Frames) -> Message | None:
        """What was said; None where it is no message."""
        try:
            return unpack(frames)
        except ProtocolError:
            self._pass_over("malformed")
            return None

    def _pass_over(self, what: str) -> None:
        """Count what no server half says, and hang up on whoever goes on with it."""
        self.strays[what] += 1
        if self.strays["malformed"] + self.strays["unexpected"] >= PATIENCE:
            self.channel.connected = False


def welcomed(frames: Frames, address: str, hello: Hello) -> str:
    """The clock of the server that so answered a hello. Raises PeerLost for any other answer."""
    try:
        answer = unpack(frames)
    except ProtocolError as error:
        raise PeerLost(f"{address} is no server half of ours: {error}") from None
    if isinstance(answer, Fault):
        raise PeerLost(f"the server half refused: {answer.reason}")
    if isinstance(answer, Notice) and answer.kind == REFUSED:
        raise PeerLost(f"the halves hold different models: {answer.text}, here {hello}")
    if not isinstance(answer, Notice) or answer.kind != WELCOME:
        raise PeerLost(f"{address} did not answer the hello with a welcome")
    return answer.text
