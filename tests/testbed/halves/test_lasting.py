"""A server that goes and comes back: greeted anew, and asked for nothing that is out of date."""

from collections.abc import Sequence
from math import inf

import pytest

from testbed.channel import READ_AHEAD, Frames
from testbed.channel.wire import REFUSED, WELCOME, Hello, Message, Notice, pack, unpack
from testbed.errors import PeerLost
from testbed.halves.client import Client, Presence
from testbed.halves.lasting import RECONNECT_S, REDIAL_S, LastingChannel
from testbed.lifecycle.messages import Payload, Reply, Request
from tests.testbed.lifecycle.scripted import START_S, OurClock

HELLO, TIMEOUT_S = Hello("null"), 2.0
WELCOMED = Notice(WELCOME, "their clock")
ANSWER = Reply(0, (1,), 0.0, 0.0, 0.0, 0.0, 0.0)


def request(number: int) -> Frames:
    return pack(Request(number, "features", Payload("raw", (1,), b"x")))


class Line:
    """An `EdgeChannel` on which `says` comes, each at its time, and which ends at `ends_s`.

    Times are seconds from the test's beginning.
    """

    address = "nowhere"

    def __init__(
        self, clock: OurClock, says: Sequence[tuple[float, Message]] = (), ends_s: float = inf
    ) -> None:
        self.connected, self.refusal = True, ""
        self.heard: list[Message] = []
        self._clock, self._ends_s = clock, START_S + ends_s
        self._says = [(START_S + at_s, message) for at_s, message in says]

    def send(self, frames: Frames) -> bool:
        self.heard.append(unpack(frames))
        return True

    def receive(self, until_s: float) -> Frames | None:
        next_s = self._says[0][0] if self._says else inf
        happens_s = min(next_s, self._ends_s if self.connected else inf)
        self._clock.wait_until(min(until_s, happens_s))
        if until_s < happens_s:
            return None
        if next_s <= self._ends_s:
            return pack(self._says.pop(0)[1])
        self.connected, self.refusal = False, "ended it"
        return None

    def close(self) -> None:
        self.connected = False


class Played:
    """A channel over these lines, one after another, and what became known of it."""

    def __init__(self, clock: OurClock, *lines: Line) -> None:
        self.clocks: list[str] = []
        self.presence = Presence()
        self.dialled_s: list[float] = []
        self._lines, self._clock = list(lines), clock
        self.channel = LastingChannel(
            self._dial, HELLO, TIMEOUT_S, clock, self.presence, self.clocks.append
        )

    def _dial(self) -> Line:
        self.dialled_s.append(self._clock.now_s() - START_S)
        return self._lines.pop(0) if self._lines else Line(self._clock)


@pytest.fixture
def clock() -> OurClock:
    return OurClock()


def test_a_server_that_comes_back_is_greeted_and_gets_what_still_has_time(clock: OurClock) -> None:
    first = Line(clock, [(0.0, WELCOMED)], ends_s=1.0)
    second = Line(clock, [(4.0, WELCOMED), (5.0, ANSWER)])
    played = Played(clock, first, second)
    channel, presence = played.channel, played.presence
    assert channel.receive(START_S + 1) is not None
    assert channel.send(request(0))
    assert channel.receive(START_S + 10) is None  # at once, so that what waits can be given up
    assert clock.now_s() == START_S + 1.0
    assert (presence.lost, presence.found) == (1, 0)
    assert channel.send(request(1))
    assert channel.receive(START_S + 2.5) is None
    assert channel.send(request(2))
    answer = channel.receive(START_S + 10)
    assert answer is not None and unpack(answer) == ANSWER
    assert (presence.lost, presence.found) == (1, 1)
    assert second.heard == [HELLO, unpack(request(2))]  # the other was past its timeout
    assert played.clocks == ["their clock"]
    assert channel.connected and not first.connected


def test_a_server_that_stays_away_is_given_up(clock: OurClock) -> None:
    played = Played(clock, Line(clock, [(0.0, WELCOMED)], ends_s=1.0))
    channel = played.channel
    assert channel.receive(START_S) is not None
    assert channel.receive(inf) is None
    assert channel.receive(START_S + 1 + RECONNECT_S - 1e-3) is None
    assert channel.connected
    assert channel.receive(START_S + 100) is None
    assert not channel.connected
    assert clock.now_s() == START_S + 100  # as of any channel: not before its time
    assert (played.presence.lost, played.presence.found) == (1, 0)


def test_who_takes_connections_and_ends_them_is_not_dialled_without_pause(clock: OurClock) -> None:
    ended = [Line(clock, [(0.0, WELCOMED)], ends_s=1.0), *(Line(clock, ends_s=1.0) for _ in "123")]
    played = Played(clock, *ended)
    played.channel.receive(START_S)
    played.channel.receive(inf)
    assert played.channel.receive(START_S + 2) is None
    assert played.dialled_s == pytest.approx([0, 1, *(1 + REDIAL_S * n for n in (1, 2, 3))])


def test_another_model_in_its_place_is_no_server_of_ours(clock: OurClock) -> None:
    first = Line(clock, [(0.0, WELCOMED)], ends_s=1.0)
    played = Played(clock, first, Line(clock, [(2.0, Notice(REFUSED, "this server holds more"))]))
    played.channel.receive(START_S)
    played.channel.receive(inf)
    played.channel.receive(START_S + 5)
    assert not played.channel.connected
    assert "different models: this server holds more" in played.channel.refusal


def test_what_waits_for_a_server_is_bounded(clock: OurClock) -> None:
    played = Played(clock, Line(clock, [(0.0, WELCOMED)], ends_s=1.0))
    played.channel.receive(START_S)
    played.channel.receive(inf)
    taken = [played.channel.send(request(number)) for number in range(READ_AHEAD + 1)]
    assert taken == [True] * READ_AHEAD + [False]
    played.channel.receive(START_S + 1 + TIMEOUT_S)
    assert played.channel.send(request(0))


def test_a_server_that_never_was_there_is_refused_as_ever(clock: OurClock) -> None:
    played = Played(clock, Line(clock, ends_s=0.5))
    with pytest.raises(PeerLost, match="the server at nowhere ended it"):
        Client(played.channel, clock).hello(HELLO, 1.0)
    assert played.dialled_s == [0.0]
    assert not played.presence.lost
