"""The door, with plain sockets in place of ZeroMQ's: who is dropped, and who is not."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from testbed.channel import MAX_EDGES
from testbed.channel.door import CONNECTIONS_OF_CLIENT, STRANGER_BYTES, STRANGERS, Door

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="counts the bytes of connections")


class Ends:
    """The two ends of a connection: a server's, and its peer's."""

    def __init__(self, server: socket.socket, peer: socket.socket) -> None:
        self.server, self.peer = server, peer
        self.descriptor = server.fileno()

    def brings(self, size: int) -> None:
        self.peer.sendall(bytes(size))

    @property
    def ended(self) -> bool:
        """Whether the server has hung up."""
        self.peer.setblocking(False)
        try:
            return self.peer.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.peer.setblocking(True)


class Lobby:
    """Makes connections, and closes what is left of them."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened
        self._listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))

    def connect(self) -> Ends:
        peer = socket.create_connection(self._listener.getsockname())
        server, _ = self._listener.accept()
        for end in (peer, server):
            self._opened.callback(end.close)
        return Ends(server, peer)

    def known(self, door: Door, client: str) -> Ends:
        """Connected, and its first message was heard."""
        ends = self.connect()
        door.opened(ends.descriptor)
        assert door.greet(name_of(ends), ends.descriptor, client)
        return ends


@pytest.fixture
def lobby() -> Iterator[Lobby]:
    with ExitStack() as opened:
        yield Lobby(opened)


def name_of(ends: Ends) -> bytes:
    return b"%d" % ends.descriptor


def test_of_too_many_strangers_the_oldest_goes_and_who_has_spoken_stays(lobby: Lobby) -> None:
    door = Door()
    first = lobby.known(door, "a")
    strangers = [lobby.connect() for _ in range(STRANGERS + 2)]
    for stranger in strangers:
        door.opened(stranger.descriptor)
    assert [each.ended for each in strangers] == [True, True] + [False] * STRANGERS
    assert not first.ended
    assert door.counts == {"dropped": 2}


def test_a_stranger_who_leaves_was_turned_away_and_one_of_ours_was_not(lobby: Lobby) -> None:
    door = Door()
    stranger, ours = lobby.connect(), lobby.known(door, "a")
    door.opened(stranger.descriptor)
    for each in (stranger, ours):
        each.server.close()
        door.closed(each.descriptor)
    assert door.counts == {"turned away": 1}
    assert not door.knows(name_of(ours))


def test_connections_of_one_client_and_of_all(lobby: Lobby) -> None:
    door = Door()
    for _ in range(CONNECTIONS_OF_CLIENT):
        lobby.known(door, "greedy")
    one_more = lobby.connect()
    assert not door.greet(b"more", one_more.descriptor, "greedy")
    assert one_more.ended
    for number in range(MAX_EDGES - CONNECTIONS_OF_CLIENT):
        lobby.known(door, f"client {number}")
    one_more = lobby.connect()
    assert not door.greet(b"more", one_more.descriptor, "another")
    assert one_more.ended
    assert door.counts == {"dropped": 2}


def test_what_zeromq_says_late_changes_nothing(lobby: Lobby) -> None:
    door, ends = Door(), lobby.connect()
    assert door.greet(b"early", ends.descriptor, "a")
    door.opened(ends.descriptor)
    assert door.knows(b"early")
    assert door.look()


def test_who_said_something_and_left_is_heard_and_not_kept(lobby: Lobby) -> None:
    door, ends = Door(), lobby.connect()
    ends.server.close()
    assert door.greet(b"gone", ends.descriptor, "a")
    assert not door.knows(b"gone")
    door.gave(b"gone", [b"something"])
    door.drop(b"gone")
    assert not door.counts


def test_who_has_the_number_of_a_connection_that_is_gone_is_left_alone(lobby: Lobby) -> None:
    door, gone, other = Door(), lobby.connect(), lobby.connect()
    door.opened(gone.descriptor)
    assert door.greet(b"gone", gone.descriptor, "a")
    os.dup2(other.descriptor, gone.descriptor)
    door.drop(b"gone")
    assert not other.ended


@LINUX
def test_a_stranger_may_say_little(lobby: Lobby) -> None:
    door, quiet, loud = Door(), lobby.connect(), lobby.connect()
    for ends, size in ((quiet, STRANGER_BYTES), (loud, STRANGER_BYTES + 1)):
        door.opened(ends.descriptor)
        ends.brings(size)
    assert door.look()
    assert (quiet.ended, loud.ended) == (False, True)


@LINUX
def test_who_has_brought_most_that_was_not_read_goes_first(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("testbed.channel.door.UNREAD_BYTES", 100_000)
    door = Door()
    read, little, much = (lobby.known(door, client) for client in ("a", "b", "c"))
    for ends, size in ((read, 90_000), (little, 30_000), (much, 60_000)):
        ends.brings(size)
    door.gave(name_of(read), [bytes(90_000)])
    assert door.look()
    assert not much.ended
    little.brings(20_000)
    door.look()
    assert [each.ended for each in (read, little, much)] == [False, False, True]
    assert door.counts == {"dropped": 1}


@LINUX
def test_many_small_messages_earn_nobody_a_large_one(
    lobby: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("testbed.channel.door.UNREAD_BYTES", 100_000)
    door = Door()
    ends = lobby.known(door, "a")
    for _ in range(1000):
        door.gave(name_of(ends), [b"", b"", b""])
    door.look()
    ends.brings(100_001)
    door.look()
    assert ends.ended


@LINUX
def test_what_is_around_frames_never_adds_up(lobby: Lobby, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testbed.channel.door.UNREAD_BYTES", 1000)
    door = Door()
    ends = lobby.known(door, "a")
    for _ in range(500):
        ends.brings(2 * (9 + 33) + 200)
        ends.server.recv(65_536)
        door.gave(name_of(ends), [bytes(100), bytes(100)])
    door.look()
    assert not ends.ended
