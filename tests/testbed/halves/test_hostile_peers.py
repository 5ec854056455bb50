"""Peers that ask too much of a server: they are dropped and counted, and others are served."""

import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from socket import socket
from time import perf_counter

import numpy as np
import pytest

from testbed.channel.door import CONNECTIONS_OF_CLIENT, STRANGERS, Door
from testbed.channel.wire import pack
from testbed.channel.zeromq import ZeroMqEdge
from testbed.halves.client import Client
from testbed.halves.deployment import hello_of
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Fault, Payload, Reply, Request
from tests.testbed.channel.zmtp import (
    MORE,
    claiming,
    connected,
    frame,
    greeted,
    hung_up,
    shake_hands,
    zmtp_2_greeting,
)
from tests.testbed.halves_in_threads import FEATURE_BYTES, Serving, null_network, serving, soon

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="counts the bytes of connections")
MANY, AT_ONCE = 2000, 50
ALLOWED_KIB = 50_000


class Friend(Client):
    """An edge as it should be."""

    def __init__(self, server: Serving) -> None:
        super().__init__(ZeroMqEdge(server.address))
        self.hello(hello_of(null_network()), 10.0)
        self._number = 0

    def is_answered(self) -> bool:
        """Whether a request of its own is, and nothing else comes."""
        self._number += 1
        payload = Payload("fp32", (1, FEATURE_BYTES // 4, 1, 1), bytes(FEATURE_BYTES))
        self.submit(Request(self._number, "features", payload))
        received = self.receive(perf_counter() + 10.0)
        return (
            received is not None
            and isinstance(received.message, Reply)
            and received.message.id == self._number
        )

    def close(self) -> None:
        self.channel.close()


def is_dropped(server: Serving, peer: socket, content: bytes) -> bool:
    """Whether the server drops a peer that says the same without end, and it alone."""
    peer.settimeout(0.1)  # who is dropped may be left to write to nobody
    with suppress(OSError):
        while not server.counts["dropped"]:
            peer.sendall(content * 20)
    return soon(lambda: server.counts["dropped"] == 1)


def test_a_message_of_many_frames_ends_its_connection() -> None:
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        with greeted(server.address) as peer:
            peer.sendall(frame(b"x", MORE) * 1000 + frame(b"x"))
            assert hung_up(peer)
        assert soon(lambda: server.counts == {"dropped": 1, "refused": 1})
        assert friend.is_answered()


def test_without_a_door_it_is_refused_as_any_other() -> None:
    with serving() as server, closing(Friend(server)) as friend:
        with greeted(server.address) as peer:
            peer.sendall(frame(b"x", MORE) * 1000 + frame(b"x"))
            assert soon(lambda: server.counts["refused"] == 1)
        assert friend.is_answered()


@LINUX
def test_a_message_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testbed.channel.door.UNREAD_BYTES", 1_000_000)
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        with greeted(server.address) as peer:
            hello = pack(hello_of(null_network()))[0]
            peer.sendall(frame(bytes(hello)))
            assert soon(lambda: bool(peer.recv(1)))  # it is no stranger now
            assert is_dropped(server, peer, frame(bytes(250), MORE))
        assert friend.is_answered()


@LINUX
def test_a_stranger_who_says_much_is_ended() -> None:
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        with greeted(server.address) as peer:
            assert is_dropped(server, peer, frame(bytes(250), MORE))
        assert friend.is_answered()


@LINUX
def test_who_speaks_the_protocol_of_before_there_were_keys_is_not_heard() -> None:
    hello = bytes(pack(hello_of(null_network()))[0])
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        with connected(server.address) as peer:
            peer.sendall(zmtp_2_greeting() + frame(hello))
            assert soon(lambda: server.counts["refused"] == 1)
            assert is_dropped(server, peer, frame(hello))
        assert friend.is_answered()


@pytest.mark.parametrize("size", [MAX_FRAME_BYTES + 1, 2**40, 2**63, 2**64 - 1])
def test_claimed_gigabytes_end_the_connection(size: int) -> None:
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        with greeted(server.address) as peer:
            peer.sendall(claiming(size) + bytes(1000))
            assert hung_up(peer)
        assert friend.is_answered()


def test_random_bytes_after_the_handshake() -> None:
    random = np.random.default_rng(0)
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        for _ in range(30):
            with greeted(server.address) as peer:
                peer.sendall(random.bytes(2000))
        for _ in range(30):
            with greeted(server.address) as peer:
                peer.sendall(frame(random.bytes(200), MORE) + frame(random.bytes(200)))
                assert peer.recv(1)
        assert server.counts["refused"] >= 30
        assert friend.is_answered()


def test_a_client_has_so_many_connections_and_no_more() -> None:
    with ExitStack() as opened, serving(door=Door()) as server:
        mine = [opened.enter_context(greeted(server.address)) for _ in range(20)]
        for peer in mine:
            peer.sendall(frame(b"garbage"))
        dropped = len(mine) - CONNECTIONS_OF_CLIENT
        came = {"dropped": dropped, "refused": CONNECTIONS_OF_CLIENT}
        soon(lambda: server.counts == came)
        assert server.counts == came
        for peer in mine:  # which of them stayed is ZeroMQ's to say
            peer.close()
        assert soon(lambda: not server_knows(server, CONNECTIONS_OF_CLIENT))
        with closing(Friend(server)) as friend:
            assert friend.is_answered()


def test_the_same_request_again_is_answered_to_whoever_asks_and_to_nobody_else() -> None:
    payload = Payload("fp32", (1, FEATURE_BYTES // 4, 1, 1), bytes(FEATURE_BYTES))
    again = pack(Request(1, "features", payload))
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        with closing(Friend(server)) as other:
            for _ in range(20):  # the friend's number, too
                assert other.channel.send(again)
            assert friend.is_answered()
            assert all(other.receive(perf_counter() + 10.0) for _ in range(20))
        assert server.counts["answered"] == 21
        assert friend.receive(perf_counter() + 0.05) is None


@pytest.mark.parametrize(
    ("cut", "codec", "shape"),
    [
        ("camera", "raw", (MAX_FRAME_BYTES, 1, 3)),
        ("camera", "jpeg", (2**14, 2**14, 3)),
        ("camera", "png", (1, MAX_FRAME_BYTES, 3)),
        ("features", "fp32", (MAX_FRAME_BYTES,) * 4),
        ("features", "fp16+zstd", (1, 2**26, 1, 1)),
        ("features", "fp32", (64, 1, 1, 1)),
        ("features", "fp32", (1, 64)),
    ],
)
def test_absurd_shapes_are_refused(cut: str, codec: str, shape: tuple[int, ...]) -> None:
    with serving(door=Door()) as server, closing(Friend(server)) as friend:
        friend.submit(Request(99, cut, Payload(codec, shape, bytes(256))))
        received = friend.receive(perf_counter() + 10.0)
        assert received is not None
        assert isinstance(received.message, Fault)
        assert received.message.id == 99
        assert friend.is_answered()


def server_knows(server: Serving, count: int) -> bool:
    """Whether one more connection of the same client would be dropped."""
    before = server.counts["dropped"]
    with greeted(server.address) as peer:
        peer.sendall(frame(b"garbage"))
        with suppress(OSError):
            peer.recv(1)
    return server.counts["dropped"] > before


def memory_kib(what: str) -> int:
    """Of this process (proc(5)): VmRSS now, VmHWM at most so far."""
    return int(Path("/proc/self/status").read_text().partition(f"{what}:")[2].split()[0])


def all_but_some_dropped(server: Serving, connections: int) -> bool:
    return server.counts["dropped"] >= connections - STRANGERS


def half_a_greeting(peer: socket) -> None:
    peer.sendall(b"\xff" + bytes(8) + b"\x7f")


def a_large_claim(peer: socket) -> None:
    shake_hands(peer, b"DEALER")
    peer.sendall(claiming(MAX_FRAME_BYTES) + bytes(1000))


def growth_kib(connections: int, say: Callable[[socket], None]) -> int:
    """How much more memory this process needs when so many have said that, and then nothing.

    Both ends are in it; the other one is plain sockets.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as opened, serving(door=Door()) as server:
        friend = opened.enter_context(closing(Friend(server)))
        before = memory_kib("VmRSS")
        for number in range(0, connections, AT_ONCE):
            for _ in range(AT_ONCE):
                say(opened.enter_context(connected(server.address)))
            assert soon(partial(all_but_some_dropped, server, number + AT_ONCE))
        assert friend.is_answered()
        with closing(Friend(server)) as newcomer:
            assert newcomer.is_answered()
        return memory_kib("VmHWM") - before


@LINUX
@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 2 * MANY + 200,
    reason="too few descriptors for both ends",
)
@pytest.mark.parametrize(
    ("connections", "say"), [(MANY, half_a_greeting), (200, a_large_claim)], ids=["many", "claims"]
)
def test_connections_cost_little_and_keep_nobody_out(
    connections: int, say: Callable[[socket], None]
) -> None:
    code = f"from {__name__} import *; print(growth_kib({connections}, {say.__name__}))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ended.stdout) < ALLOWED_KIB
