"""Who is let in by keys, what others are told, and that nothing can be said a second time."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest
import zmq

from testbed.channel.door import Door
from testbed.channel.zeromq import ZeroMqEdge
from testbed.channel.zeromq.curve import (
    EdgeKeys,
    KeyPair,
    ServerKeys,
    read_edge_keys,
    read_server_keys,
    write_keys,
)
from testbed.channel.zeromq.edge import NO_KEYS, NOT_ADMITTED, OTHER_KEYS
from testbed.errors import PeerLost
from testbed.halves.client import Client
from testbed.halves.deployment import hello_of
from testbed.lifecycle.messages import Payload, Reply, Request
from tests.testbed.channel.zmtp import connected, greeted, hung_up, zmtp_2_greeting
from tests.testbed.halves_in_threads import FEATURE_BYTES, null_network, serving, soon

SECONDS = 5.0
"""Far less than what an edge would wait for an answer."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[ServerKeys, EdgeKeys]:
    folders = write_keys(Path(tmp_path_factory.mktemp("made")) / "keys")
    return read_server_keys(folders[0]), read_edge_keys(folders[1])


def another_pair() -> KeyPair:
    public, secret = zmq.curve_keypair()
    return KeyPair(public, secret)


def answered(address: str, keys: EdgeKeys | None) -> bool:
    """Whether a hello and a request are; raises PeerLost as `Client.hello` does."""
    payload = Payload("fp32", (1, FEATURE_BYTES // 4, 1, 1), bytes(FEATURE_BYTES))
    with closing(ZeroMqEdge(address, keys)) as channel:
        client = Client(channel)
        client.hello(hello_of(null_network()), 60.0)
        client.submit(Request(1, "features", payload))
        received = client.receive(client.clock.now_s() + SECONDS)
    return received is not None and isinstance(received.message, Reply)


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


EITHER_VERSION = pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1:*",
        pytest.param(
            "tcp://[::1]:*", marks=pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
        ),
    ],
)


@EITHER_VERSION
def test_a_listed_edge_is_served(keys: tuple[ServerKeys, EdgeKeys], address: str) -> None:
    ours, theirs = keys
    with serving(door=Door(), keys=ours, address=address) as server:
        assert answered(server.address, theirs)
        assert server.counts == {"answered": 1}


@EITHER_VERSION
def test_without_keys_on_this_machine(address: str) -> None:
    with serving(door=Door(), address=address) as server:
        assert answered(server.address, None)


def test_everybody_else_is_turned_away_counted_and_told_so_at_once(
    keys: tuple[ServerKeys, EdgeKeys],
) -> None:
    ours, theirs = keys
    strangers = [
        (EdgeKeys(another_pair(), theirs.server), NOT_ADMITTED),
        (EdgeKeys(theirs.own, another_pair().public), OTHER_KEYS),
        (None, NO_KEYS),
    ]
    with serving(door=Door(), keys=ours) as server:
        for stranger, message in strangers:
            began_s = monotonic()
            with pytest.raises(PeerLost) as told:
                answered(server.address, stranger)
            assert monotonic() - began_s < SECONDS
            assert str(told.value) == f"the server at {server.address} {message}"
        assert soon(lambda: server.counts["turned away"] >= len(strangers))
        assert answered(server.address, theirs)
        assert server.counts["answered"] == 1


def test_an_edge_with_keys_does_not_talk_to_a_server_without(
    keys: tuple[ServerKeys, EdgeKeys],
) -> None:
    with serving(door=Door()) as server, pytest.raises(PeerLost, match="ended the handshake"):
        answered(server.address, keys[1])


def test_one_who_knows_the_servers_address_only_cannot_pass_for_it(
    keys: tuple[ServerKeys, EdgeKeys],
) -> None:
    ours, theirs = keys
    impostor = ServerKeys(another_pair(), ours.clients)
    with (
        serving(door=Door(), keys=impostor) as server,
        pytest.raises(PeerLost, match="ended the handshake"),
    ):
        answered(server.address, theirs)


@contextmanager
def on_the_way(address: str) -> Iterator[tuple[str, bytearray]]:
    """An address from which one connection is passed on; what its maker says is kept."""
    said = bytearray()

    def pass_on(source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
        try:
            while content := source.recv(65_536):
                kept += content
                sink.sendall(content)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    with socket.create_server(("127.0.0.1", 0)) as listener, connected(address) as there:

        def accept() -> None:
            with listener.accept()[0] as here:
                back = Thread(target=pass_on, args=(there, here, bytearray()))
                back.start()
                pass_on(here, there, said)
                back.join()

        thread = Thread(target=accept)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", said
        thread.join()


def test_what_is_said_cannot_be_read_and_not_be_said_again(
    keys: tuple[ServerKeys, EdgeKeys],
) -> None:
    ours, theirs = keys
    with serving(door=Door(), keys=ours) as server:
        with on_the_way(server.address) as (address, said):
            assert answered(address, theirs)
        assert len(said) > FEATURE_BYTES
        assert null_network().identity.encode() not in said
        assert bytes(100) not in said[100:]  # the features are zeros
        with connected(server.address) as again:
            again.sendall(said)
            assert hung_up(again)
        assert soon(lambda: server.counts["turned away"] == 1)
        assert server.counts["answered"] == 1


def test_without_keys_nobody_says_anything_to_a_server_that_has_some(
    keys: tuple[ServerKeys, EdgeKeys],
) -> None:
    with serving(door=Door(), keys=keys[0]) as server:
        with connected(server.address) as peer:
            peer.sendall(b"\xff" * 200)
            assert hung_up(peer)
        with pytest.raises((OSError, ValueError, IndexError)), greeted(server.address):
            pass
        with connected(server.address) as peer:
            peer.sendall(zmtp_2_greeting())
            assert hung_up(peer)
        assert soon(lambda: server.counts["turned away"] == 3)
