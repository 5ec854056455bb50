"""A server that breaks the rules: the edge passes over what it says, or gives it up, in time."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import cycle
from socket import create_server
from threading import Event, Thread
from time import perf_counter
from typing import Any

import numpy as np
import pytest
import zmq
from msgspec.msgpack import encode

from testbed.channel import READ_AHEAD, Frames
from testbed.channel.survey import Look, Looked
from testbed.channel.wire import PROTOCOL_VERSION, REPLY, WELCOME, Message, Notice, pack, unpack
from testbed.channel.zeromq import ZeroMqEdge
from testbed.config.deployments import Split, SplitSection
from testbed.halves.client import PATIENCE, Client
from testbed.halves.deployment import hello_of, make_deployment
from testbed.halves.edge import RealEdge
from testbed.halves.equality import CutMismatch, check_cut
from testbed.halves.machine import WALL_CLOCK
from testbed.halves.workload import Sample
from testbed.lifecycle.asks import Rules
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.messages import MAX_REPLY_BYTES, Buffer, Reply, Request
from testbed.lifecycle.reasons import TOO_LATE
from testbed.results.record import Outcome, RequestRecord
from tests.testbed.channel.zmtp import MORE, frame, shake_hands
from tests.testbed.halves_in_threads import NEAR, TASKS, null_network

SPLIT = make_deployment(Split(split=SplitSection(codec="fp32")), null_network())
SECONDS = 5.0
GOOD = Reply(0, (0, 0), 0.0, 0.0, 0.0, 0.0, 0.0)
Play = Callable[[Message], list[list[Buffer]]]
"""What a server says upon a message."""


@contextmanager
def rogue(play: Play, endless: bool = False) -> Iterator[Client]:
    """A client that was welcomed by a server which then plays its own game.

    endless: from the first request on, it says the same again and again.
    """
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router, stop = context.socket(zmq.ROUTER), Event()
    router.bind("tcp://127.0.0.1:*")
    address = router.getsockopt_string(zmq.LAST_ENDPOINT)

    def work() -> None:
        while not stop.is_set():
            if not router.poll(20):
                continue
            peer, *frames = router.recv_multipart()
            message = unpack(frames)
            says = play(message) if isinstance(message, Request | Look) else [WELCOMED]
            again = endless and isinstance(message, Request | Look)
            for each in cycle(says) if again else says:
                router.send_multipart([peer, *each])
                if stop.is_set():
                    return

    thread = Thread(target=work)
    thread.start()
    try:
        with closing(ZeroMqEdge(address)) as channel:
            client = Client(channel)
            client.hello(hello_of(null_network()), SECONDS)
            yield client
    finally:
        stop.set()
        thread.join()
        router.close(linger=0)
        context.term()


WELCOMED = pack(Notice(WELCOME, "clock"))


def run_block(client: Client, count: int = 2, timeout_s: float = 0.3) -> list[RequestRecord]:
    records: list[RequestRecord] = []
    samples = [Sample(n, {}, np.zeros((8, 8, 3), np.uint8)) for n in range(count)]
    block = EdgeBlock("split", 0, TASKS, True, Rules(0.1, timeout_s), records.append)
    edge = RealEdge(null_network(), client, SPLIT, samples)
    edge.drive(block, block.life(samples, cycle([0.0]), 0))
    return records


def answered(message: Message, **changes: Any) -> list[Buffer]:
    assert isinstance(message, Request)
    return pack(GOOD._replace(id=message.id, **changes))


@pytest.mark.parametrize(
    "noise",
    [b"garbage", encode([PROTOCOL_VERSION, REPLY, 1]), pack(Notice(WELCOME, "again"))[0]],
    ids=["garbage", "half a reply", "a welcome"],
)
def test_endless_noise_is_given_up(noise: bytes) -> None:
    began_s = perf_counter()
    with rogue(lambda message: [[noise]], endless=True) as client:
        records = run_block(client, timeout_s=60.0)
        assert not client.connected
    assert perf_counter() - began_s < SECONDS
    assert [record.outcome for record in records] == [Outcome.LOST] * 2
    assert client.strays.total() == PATIENCE


def test_endless_replies_to_nobody_do_not_keep_the_edge_from_its_timeouts() -> None:
    began_s = perf_counter()
    nobodys = pack(GOOD._replace(id=10**6))
    with rogue(lambda message: [nobodys], endless=True) as client:
        records = run_block(client)
    assert perf_counter() - began_s < SECONDS
    assert [record.fault for record in records] == ["no answer within its timeout"] * 2
    assert client.strays[TOO_LATE] > READ_AHEAD


def test_endless_replies_end_a_question_in_time() -> None:
    began_s = perf_counter()
    nobodys = pack(GOOD._replace(id=10**6))
    with rogue(lambda message: [nobodys], endless=True) as client:
        assert client.ask(Look(), Looked, 0.2) is None
    assert perf_counter() - began_s < SECONDS


def test_an_edge_at_work_notes_only_so_many() -> None:
    class Endless:
        address, refusal, connected = "nowhere", "", True

        def send(self, frames: Frames) -> bool:
            return True

        def receive(self, until_s: float) -> Frames | None:
            return pack(GOOD)

        def close(self) -> None:
            pass

    edge = RealEdge(null_network(), Client(Endless()), SPLIT, [])
    edge._hear(WALL_CLOCK.now_s() + 60.0)
    edge._hear(WALL_CLOCK.now_s() + 60.0)
    assert len(edge._came) == READ_AHEAD


def test_a_reply_twice_counts_once() -> None:
    with rogue(lambda message: [answered(message)] * 3) as client:
        records = run_block(client, 3)
        assert [record.outcome for record in records] == [Outcome.ANSWERED] * 3
        assert client.strays[TOO_LATE] >= 4


@pytest.mark.parametrize("classes", [(), (0,), (0, 1, 2)])
def test_a_reply_for_other_tasks_is_no_answer(classes: tuple[int, ...]) -> None:
    with rogue(lambda message: [answered(message, classes=classes)]) as client:
        records = run_block(client)
    assert {record.fault for record in records} == {"reply with another number of tasks"}


@pytest.mark.parametrize(
    "fields",
    [
        [[2**31, 0], 0.0, 0.0, 0.0, 0.0, 0.0],
        [[0, 0], float("nan"), 0.0, 0.0, 0.0, 0.0],
        [[0, 0], 0.0, float("inf"), 0.0, 0.0, 0.0],
        [[0, 0], 0.0, 0.0, 1e300, 0.0, 0.0],
        [[0, 0], 0.0, 0.0, 0.0, -1.0, 0.0],
    ],
    ids=["class", "nan", "infinite", "ages", "before time"],
)
def test_a_reply_that_cannot_be_is_none(fields: list[object]) -> None:
    def play(message: Message) -> list[list[Buffer]]:
        assert isinstance(message, Request)
        return [[encode([PROTOCOL_VERSION, REPLY, message.id, *fields])]]

    with rogue(play) as client:
        records = run_block(client)
        assert client.strays["malformed"] == 2
    assert {record.fault for record in records} == {"no answer within its timeout"}


@pytest.mark.parametrize(
    ("logits", "message"),
    [
        (np.full(4, np.nan, "<f4").tobytes(), "differs from the whole by nan"),
        (np.array([1, 0, 1, np.inf], "<f4").tobytes(), "differs from the whole by inf"),
        (bytes(12), "3 scores for 4"),
        (bytes(15), "15 bytes are no scores"),
        (b"", "0 scores for 4"),
        (None, "could not run its part"),
    ],
)
def test_scores_that_are_none_do_not_pass_for_the_networks(
    logits: bytes | None, message: str
) -> None:
    images = [np.zeros((8, 8, 3), np.uint8)]
    with (
        rogue(lambda asked: [answered(asked, logits=logits)]) as client,
        pytest.raises(CutMismatch, match=message),
    ):
        check_cut(null_network(), client, [SPLIT], images, NEAR.answer_s)


def test_the_answer_to_another_question_does_not_pass_for_this_ones() -> None:
    images = [np.zeros((8, 8, 3), np.uint8)]
    scores = np.array([1, 0, 1, 0], "<f4").tobytes()
    with (
        rogue(lambda asked: [pack(GOOD._replace(id=1, logits=scores))]) as client,
        pytest.raises(CutMismatch, match="could not run its part"),
    ):
        check_cut(null_network(), client, [SPLIT], images, NEAR.answer_s)


def test_a_reply_too_large_for_any_costs_the_server_its_edge() -> None:
    with rogue(lambda asked: [answered(asked, logits=bytes(MAX_REPLY_BYTES + 1))]) as client:
        began_s = perf_counter()
        records = run_block(client, timeout_s=60.0)
        assert perf_counter() - began_s < SECONDS
        assert not client.connected
    assert {record.fault for record in records} == {"the server half is gone"}


def test_a_message_without_end_costs_the_server_its_edge() -> None:
    with create_server(("127.0.0.1", 0)) as listener:

        def work() -> None:
            connection, _ = listener.accept()
            with connection:
                shake_hands(connection, b"ROUTER")
                connection.sendall(frame(bytes(WELCOMED[0])))
                try:
                    while True:
                        connection.sendall(frame(bytes(250), MORE) * 400)
                except OSError:
                    pass

        thread = Thread(target=work)
        thread.start()
        with closing(ZeroMqEdge(f"tcp://127.0.0.1:{listener.getsockname()[1]}")) as channel:
            client = Client(channel)
            client.hello(hello_of(null_network()), SECONDS)
            began_s = perf_counter()
            assert client.receive(began_s + 60.0) is None
            assert perf_counter() - began_s < SECONDS
            assert not client.connected
        thread.join()
