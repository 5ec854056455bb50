"""The server half against peers that break the rules: it refuses, counts, and goes on."""

import socket
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import zmq
from msgspec.msgpack import encode

from testbed.channel import Frames
from testbed.channel.wire import (
    HELLO,
    REFUSED,
    REQUEST,
    WELCOME,
    Hello,
    Message,
    Notice,
    pack,
    unpack,
)
from testbed.channel.zeromq import ZeroMqServer
from testbed.errors import BadInput
from testbed.halves.deployment import hello_of
from testbed.halves.machine import clock_id
from testbed.halves.server import Server
from testbed.lifecycle.messages import Buffer, Fault, Payload, Reply, Request
from tests.testbed.halves_in_threads import FEATURE_BYTES, TASKS, Serving, null_network, serving
from tests.testbed.lifecycle.scripted import OurClock

REPLY_TIMEOUT_MS = 3000


class Peer:
    """A bare DEALER that sends whatever it likes."""

    def __init__(self, server: Serving) -> None:
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVTIMEO, REPLY_TIMEOUT_MS)
        self.socket.connect(server.address)

    def ask(self, frames: list[Buffer]) -> Message:
        self.socket.send_multipart(frames)
        return unpack(self.socket.recv_multipart())

    def greet(self) -> Notice:
        answer = self.ask(pack(hello_of(null_network())))
        assert isinstance(answer, Notice)
        return answer


@contextmanager
def a_peer(server: Serving) -> Iterator[Peer]:
    peer = Peer(server)
    try:
        yield peer
    finally:
        peer.socket.close()
        peer.context.term()


def good_request(number: int = 1, want_logits: bool = False) -> Request:
    payload = Payload("fp32", (1, FEATURE_BYTES // 4, 1, 1), bytes(FEATURE_BYTES))
    return Request(number, "features", payload, want_logits)


def test_greets_then_answers() -> None:
    with serving() as server, a_peer(server) as peer:
        assert peer.greet() == Notice(WELCOME, clock_id())
        reply = peer.ask(pack(good_request(5)))
        assert isinstance(reply, Reply)
        assert (reply.id, reply.classes) == (5, (0,) * len(TASKS))
        assert reply.decode_s + reply.tail_s <= reply.replied_at_s - reply.received_at_s
        assert server.counts["answered"] == 1


def test_logits_only_when_wanted() -> None:
    with serving() as server, a_peer(server) as peer:
        peer.greet()
        plain = peer.ask(pack(good_request(1)))
        full = peer.ask(pack(good_request(2, want_logits=True)))
        assert isinstance(plain, Reply) and isinstance(full, Reply)
        assert plain.logits is None
        assert full.logits is not None
        assert np.frombuffer(full.logits, "<f4").tolist() == [1.0, 0.0] * len(TASKS)


def test_another_model_is_refused_with_both_named() -> None:
    with serving() as server, a_peer(server) as peer:
        answer = peer.ask(pack(Hello("another model")))
        assert isinstance(answer, Notice)
        assert answer.kind == REFUSED
        assert null_network().identity in answer.text


def test_request_before_hello_is_refused() -> None:
    with serving() as server, a_peer(server) as peer:
        answer = peer.ask(pack(good_request(9)))
        assert answer == Fault(9, "a HELLO comes first")


@pytest.mark.parametrize(
    "frames",
    [
        [encode([1, HELLO, "model"])],
        [b"garbage"],
        [b""],
        [encode([3, REQUEST, 1, "features", "fp32", [1000], False])],
        pack(Request(1, "features", Payload("fp32", (1000,), b"half a mess"))),
        pack(Request(1, "features", Payload("pickle", (4,), b"cos\nsystem\n"))),
        pack(Request(1, "split", Payload("fp32", (1,), b"1234"))),
        pack(Request(1, "heads", Payload("fp32", (1,), b"1234"))),
        pack(Request(1, "camera", Payload("fp32", (1,), b"1234"))),
        pack(Request(1, "features", Payload("fp32", (1,), b"1234"))),
        pack(Request(1, "features", Payload("fp32", (), b"1234"))),
        pack(Request(1, "camera", Payload("raw", (), b"1"))),
        pack(Request(1, "camera", Payload("jpeg", (4, 4, 3), b"\xff\xd8nonsense"))),
    ],
    ids=[
        "unknown version",
        "garbage",
        "empty",
        "header without its buffer",
        "half a buffer",
        "unknown codec",
        "unknown cut",
        "a cut behind which there is nothing",
        "features where an image is due",
        "features of another shape",
        "features of no shape",
        "an image of no shape",
        "broken jpeg",
    ],
)
def test_bad_message_gets_a_fault_and_the_next_good_one_an_answer(frames: list[Buffer]) -> None:
    with serving() as server, a_peer(server) as peer:
        peer.greet()
        assert isinstance(peer.ask(frames), Fault)
        assert server.counts["refused"] == 1
        assert isinstance(peer.ask(pack(good_request(2))), Reply)


def test_oversized_frame_costs_its_sender_the_connection_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("testbed.channel.zeromq.server.MAX_FRAME_BYTES", 10 * FEATURE_BYTES)
    with serving() as server, a_peer(server) as good, a_peer(server) as bad:
        good.greet()
        bad.greet()
        bad.socket.send_multipart(
            pack(Request(1, "features", Payload("fp32", (1,), bytes(20 * FEATURE_BYTES))))
        )
        with pytest.raises(zmq.Again):
            bad.socket.setsockopt(zmq.RCVTIMEO, 300)
            bad.socket.recv_multipart()
        assert isinstance(good.ask(pack(good_request(2))), Reply)


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00" * 4096,
        b"\xff" + b"\x00" * 8 + b"\x7f\x03",  # half a ZMTP greeting
        struct.pack("<Q", 2**63),
    ],
)
def test_what_does_not_even_speak_zeromq_is_ignored(content: bytes) -> None:
    with serving() as server, a_peer(server) as peer:
        host, port = server.address.removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port))) as raw:
            raw.sendall(content)
            peer.greet()
        assert isinstance(peer.ask(pack(good_request())), Reply)


def test_peer_that_leaves_in_mid_request_does_not_disturb_others() -> None:
    with serving() as server, a_peer(server) as stays:
        with a_peer(server) as leaves:
            leaves.greet()
            leaves.socket.send_multipart(pack(good_request(1)))
        stays.greet()
        assert isinstance(stays.ask(pack(good_request(2))), Reply)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1", "nonsense", "tcp://192.0.2.1:5555"])
def test_address_that_cannot_be_had_is_bad_input(address: str) -> None:
    with pytest.raises(BadInput, match="allowed: a free address"):
        ZeroMqServer(address)


def test_the_server_takes_only_so_much_before_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testbed.halves.server.READ_AHEAD_BYTES", 3 * FEATURE_BYTES)
    channel = Flood()
    server = Server(channel, OurClock())
    server.serve(null_network(), lambda: channel.taken > 1000)
    assert channel.most_ahead <= 5


class Flood:
    """A `ServerChannel` on which there always is one more request of a greeted edge."""

    address = "nowhere"

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.taken = self.most_ahead = self._answered = 0
        payload = Payload("fp32", (1, FEATURE_BYTES // 4, 1, 1), bytes(FEATURE_BYTES))
        self._request = pack(Request(1, "features", payload))

    def receive(self, until_s: float) -> tuple[bytes, Frames]:
        self.taken += 1
        self.most_ahead = max(self.most_ahead, self.taken - self._answered)
        return b"edge", self._request if self.taken > 1 else pack(hello_of(null_network()))

    def send(self, peer: bytes, frames: Frames) -> None:
        self._answered += 1

    def close(self) -> None:
        pass
