"""The edge's connection, when the server is wrong, absent or gone: no exception once greeted."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Thread
from time import perf_counter

import pytest
import zmq
from msgspec.msgpack import encode

from testbed.channel.wire import REFUSED, WELCOME, Hello, Notice, pack
from testbed.channel.zeromq import ZeroMqEdge
from testbed.errors import PeerLost
from testbed.halves.client import Client
from testbed.halves.deployment import hello_of
from testbed.halves.machine import clock_id
from testbed.lifecycle.messages import Buffer, Fault, Payload, Reply, Request
from tests.testbed.halves_in_threads import null_network, serving

Answer = Callable[[int], list[list[Buffer]]]


@contextmanager
def answering(*answers: list[list[Buffer]]) -> Iterator[str]:
    """A ROUTER that answers its n-th message with the n-th list of messages, then falls silent."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.LINGER, 0)
    router.setsockopt(zmq.RCVTIMEO, 5000)
    router.bind("tcp://127.0.0.1:*")

    def play() -> None:
        for messages in answers:
            peer, *_ = router.recv_multipart()
            for frames in messages:
                router.send_multipart([peer, *frames])

    thread = Thread(target=play)
    thread.start()
    try:
        yield router.getsockopt_string(zmq.LAST_ENDPOINT)
    finally:
        thread.join()
        router.close()
        context.term()


@contextmanager
def a_client(address: str) -> Iterator[Client]:
    with closing(ZeroMqEdge(address)) as channel:
        yield Client(channel)


WELCOMED = [pack(Notice(WELCOME, "clock"))]
GOOD = Reply(1, (0, 0), 0.0, 0.0, 0.0, 0.0, 0.0)


def request(number: int = 1) -> Request:
    return Request(number, "features", Payload("fp32", (1,), b"1234"))


def test_shared_clock_is_noticed() -> None:
    with serving() as server, a_client(server.address) as client:
        client.hello(hello_of(null_network()), 3.0)
        assert client.shared_clock
    with answering(WELCOMED) as address, a_client(address) as client:
        client.hello(Hello("model"), 3.0)
        assert not client.shared_clock


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (pack(Notice(REFUSED, "this server holds B")), "different models: this server holds B"),
        (pack(Fault(-1, "protocol version 1, this half speaks 3")), "refused: protocol"),
        ([encode([1, WELCOME, "clock"])], "no server half of ours: protocol version 1"),
        ([b"garbage"], "no server half of ours"),
        (pack(GOOD), "did not answer the hello with a welcome"),
    ],
)
def test_hello_that_goes_wrong_says_why(answer: list[Buffer], message: str) -> None:
    with (
        answering([answer]) as address,
        a_client(address) as client,
        pytest.raises(PeerLost, match=message),
    ):
        client.hello(Hello("A"), 3.0)


def test_hello_to_nobody_ends_in_time() -> None:
    with a_client("tcp://127.0.0.1:9") as client:
        began_s = perf_counter()
        with pytest.raises(PeerLost, match="no server half answers"):
            client.hello(Hello("A"), 0.2)
        assert perf_counter() - began_s < 2


def test_reply_arrives_with_its_size() -> None:
    with answering([pack(GOOD)]) as address, a_client(address) as client:
        client.submit(request())
        arrival = client.receive(perf_counter() + 3)
        assert arrival is not None
        assert arrival.message == GOOD
        assert arrival.size_bytes == len(pack(GOOD)[0])


def test_garbage_in_place_of_replies_is_counted_and_passed_over() -> None:
    noise: list[list[Buffer]] = [
        [b"garbage"],
        [],
        [encode([9, 4, 1])],
        pack(Notice(WELCOME, "again")),
        [b"x" * 100_000],
        pack(GOOD),
    ]
    with answering([frames for frames in noise if frames]) as address, a_client(address) as client:
        client.submit(request())
        arrival = client.receive(perf_counter() + 3)
        assert arrival is not None
        assert arrival.message == GOOD
        assert client.strays == {"malformed": 3, "unexpected": 1}


def test_receive_gives_up_at_its_time() -> None:
    with answering(WELCOMED) as address, a_client(address) as client:
        client.hello(Hello("model"), 3.0)
        until_s = perf_counter() + 0.15
        assert client.receive(until_s) is None
        assert 0 <= perf_counter() - until_s < 0.1


def test_server_that_goes_away_is_noticed_long_before_the_timeout() -> None:
    with serving() as server:
        channel = ZeroMqEdge(server.address)
        client = Client(channel)
        client.hello(hello_of(null_network()), 3.0)
    with closing(channel):
        began_s = perf_counter()
        assert client.receive(began_s + 30) is None
        assert not client.connected
        assert perf_counter() - began_s < 5
        client.submit(request())  # to nobody, and no error


def test_a_wait_goes_on_after_a_reply_and_ends_on_time() -> None:
    with answering([pack(GOOD)]) as address, a_client(address) as client:
        client.submit(request())
        until_s = perf_counter() + 0.2
        received = client.receive(until_s)
        assert received is not None
        assert received.at_s < until_s
        assert client.receive(until_s) is None
        assert 0 <= perf_counter() - until_s < 0.01


def test_version_constants_are_what_peers_in_the_field_speak() -> None:
    assert pack(Hello("m", "t")) == [encode([4, 0, "m", "t", ""])]
    assert len(clock_id()) == 16
