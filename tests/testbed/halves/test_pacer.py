"""A half waits until its device would be done, and counts where its host was later; no time passes.

The clock is the test's.
"""

from collections.abc import Sequence

import numpy as np
import pytest

from testbed.channel.survey import Look, Looked
from testbed.channel.wire import Message
from testbed.config.deployments import Remote, RemoteSection, Split, SplitSection
from testbed.devices.device import Device
from testbed.devices.law import Law
from testbed.devices.tables import MeasuredFile
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment, hello_of, make_deployment
from testbed.halves.edge import RealEdge
from testbed.halves.pacer import GRAIN_S, OVERRUN_S, Pacer, StageLaw
from testbed.halves.server import Server
from testbed.halves.workload import Sample
from testbed.lifecycle.asks import Rules
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.messages import Payload, Reply, Request
from testbed.results.record import RequestRecord
from tests.testbed import made_up_device
from tests.testbed.halves.on_our_clock import (
    BLOCK_S,
    CODEC_S,
    HEADS_S,
    TRANSPORT_S,
    Asking,
    BusyNetwork,
    Welcoming,
    stage_law,
)
from tests.testbed.halves_in_threads import FEATURE_BYTES, null_network
from tests.testbed.lifecycle.scripted import OurClock

LOCAL_S = BLOCK_S + HEADS_S
ENCODE_S = CODEC_S + TRANSPORT_S
LOCAL = make_deployment("local", null_network())
SPLIT = make_deployment(Split(split=SplitSection(codec="fp32")), null_network())
REMOTE = make_deployment(Remote(remote=RemoteSection(codec="raw")), null_network())


class LateClock(OurClock):
    """Wakes up later than it should."""

    late_s = 0.0

    def wait_until(self, time_s: float) -> None:
        super().wait_until(time_s + self.late_s)


def pacer(clock: OurClock, widest: float = 1.0) -> Pacer:
    return Pacer(stage_law(null_network(), widest), np.random.default_rng(5), clock)


def edge_block(
    head_s: Sequence[float] = (), widest: float = 1.0, deployment: Deployment = LOCAL
) -> tuple[list[RequestRecord], Pacer]:
    """One request for each of `head_s`, of the host; nobody answers."""
    clock = OurClock()
    paced, records = pacer(clock, widest), list[RequestRecord]()
    samples = [Sample(n, {}, np.zeros((8, 8, 3), np.uint8)) for n in range(len(head_s))]
    client = Client(Welcoming(clock), clock)
    network = BusyNetwork(clock, head_s)
    edge = RealEdge(network, client, deployment, samples, clock=clock, pacer=paced)
    rules = Rules(deadline_s=1.0, timeout_s=2.0)
    block = EdgeBlock("x", 0, network.tasks, deployment.crosses_link, rules, records.append)
    edge.drive(block, block.life(samples, [0.0] * len(samples), 0))
    return records, paced


def test_a_stage_lasts_as_long_as_on_the_device_whatever_the_host_took() -> None:
    records, paced = edge_block([0.0, 0.002, 0.9 * LOCAL_S])
    took_s = [record.head_done_s - record.issued_s for record in records]
    assert took_s == pytest.approx([LOCAL_S] * 3)
    assert {(record.overruns, record.edge_overrun_s) for record in records} == {(0, 0.0)}
    assert paced.tallies()["head"] == pytest.approx((3, 0, 0.0, 3 * LOCAL_S))


def test_where_the_host_took_longer_nothing_is_waited_for_and_it_is_counted() -> None:
    records, paced = edge_block([0.0, LOCAL_S + 0.005, 0.0])
    assert [record.overruns for record in records] == [0, 1, 0]
    assert [record.edge_overrun_s for record in records] == pytest.approx([0.0, 0.005, 0.0])
    assert records[1].head_done_s - records[1].issued_s == pytest.approx(LOCAL_S + 0.005)
    assert paced.tallies()["head"][:2] == (3, 1)
    paced.forget()
    assert paced.tallies() == {}


def test_each_half_pays_for_resizing_what_it_has() -> None:
    device = made_up_device.tree(BLOCK_S, HEADS_S, CODEC_S, TRANSPORT_S)
    device["resize"] = {"by_target": {1: [[1, 1e-6]]}}  # a pixel in and one out
    file = MeasuredFile.model_validate(device)
    law = Law(Device.of("made-up", file, file), null_network())
    stages = StageLaw("made-up", law, len(null_network().blocks))
    assert stages.head_s(0, (20, 30, 3), 10) == pytest.approx(600 * 100 * 1e-6)
    assert stages.head_s(0, (10, 10, 3), 10) == 0
    assert stages.tail_s(0, (10, 10, 3)) == pytest.approx(LOCAL_S + 10 * 10 * 1e-6)


def test_what_it_takes_to_write_a_record_down_is_no_request_s_time() -> None:
    clock = OurClock()
    records: list[RequestRecord] = []

    def keep(record: RequestRecord) -> None:
        clock.time_s += 0.003
        records.append(record)

    samples = [Sample(n, {}, np.zeros((8, 8, 3), np.uint8)) for n in range(3)]
    network = BusyNetwork(clock)
    edge = RealEdge(
        network, Client(Welcoming(clock), clock), LOCAL, samples, clock=clock, pacer=pacer(clock)
    )
    block = EdgeBlock("x", 0, network.tasks, False, Rules(deadline_s=1.0, timeout_s=2.0), keep)
    edge.drive(block, block.life(samples, [0.0] * 3, 0))
    assert [record.answered_s - record.due_s for record in records] == pytest.approx([LOCAL_S] * 3)
    assert records[1].due_s == pytest.approx(LOCAL_S + 0.003)


def test_what_takes_the_device_no_time_may_take_the_host_as_long_as_asking_for_it() -> None:
    clock = OurClock()
    paced = pacer(clock)
    for took_s, late_s, overruns in (
        (GRAIN_S / 2, 0.0, 0),
        (2 * GRAIN_S, 2 * GRAIN_S, 0),
        (2 * OVERRUN_S, 2 * OVERRUN_S, 1),
    ):
        paced.begin()
        began_s = paced.start()
        clock.work(took_s)
        paced.hold("head", began_s, 0.0, clock.wait_until)
        assert paced.overruns == overruns
        assert paced.overrun_s == pytest.approx(late_s)


def test_encoding_is_paid_with_its_transport_and_what_is_not_computed_is_no_stage() -> None:
    (split,), paced = edge_block([0.0], deployment=SPLIT)
    assert split.head_done_s - split.issued_s == pytest.approx(BLOCK_S)
    assert split.encode_done_s - split.head_done_s == pytest.approx(ENCODE_S)
    assert set(paced.tallies()) == {"head", "encode"}
    (remote,), paced = edge_block([0.0], deployment=REMOTE)
    assert remote.head_done_s == remote.issued_s
    assert remote.encode_done_s - remote.head_done_s == pytest.approx(ENCODE_S)
    assert set(paced.tallies()) == {"encode"}


def test_times_are_drawn_from_the_spread_one_a_request_and_alike_for_its_stages() -> None:
    records, _ = edge_block([0.0] * 4, widest=2.0, deployment=SPLIT)
    shares = np.random.default_rng(5).random(4)
    heads = [record.head_done_s - record.issued_s for record in records]
    encodings = [record.encode_done_s - record.head_done_s for record in records]
    assert heads == pytest.approx(BLOCK_S * (1 + shares))
    assert encodings == pytest.approx(ENCODE_S * (1 + shares))


def test_waking_late_is_an_overrun_only_where_the_wait_was_disturbed() -> None:
    clock = LateClock()
    paced = pacer(clock)
    for late_s, overruns in ((OVERRUN_S / 2, 0), (3 * OVERRUN_S, 1)):
        clock.late_s = late_s
        paced.begin()
        paced.hold("head", clock.now_s(), BLOCK_S, clock.wait_until)
        assert paced.overruns == overruns
        assert paced.overrun_s == pytest.approx(late_s)


def test_what_lies_between_two_stages_is_not_the_device_s_time_unless_it_is_long() -> None:
    clock = OurClock()
    for between_s, lasts_s in ((OVERRUN_S / 2, 2 * BLOCK_S), (0.1, 0.1 + 2 * BLOCK_S)):
        paced, began_s = pacer(clock), clock.now_s()
        paced.begin()
        paced.hold("head", paced.start(), BLOCK_S, clock.wait_until)
        clock.time_s += between_s
        paced.hold("encode", paced.start(), BLOCK_S, clock.wait_until)
        assert clock.now_s() - began_s == pytest.approx(lasts_s)
        assert paced.overruns == 0


def test_what_a_request_was_late_is_not_made_up_by_the_next() -> None:
    clock = OurClock()
    paced = pacer(clock)
    paced.begin()
    began_s = paced.start()
    clock.work(BLOCK_S + OVERRUN_S / 2)
    paced.hold("head", began_s, BLOCK_S, clock.wait_until)
    paced.begin()
    began_s = paced.start()
    paced.hold("head", began_s, BLOCK_S, clock.wait_until)
    assert clock.now_s() - began_s == pytest.approx(BLOCK_S)


def serve(messages: Sequence[Message], tail_s: Sequence[float], paced: bool = True) -> Asking:
    clock = OurClock()
    network = BusyNetwork(clock, tail_s=tail_s)
    held = hello_of(network, "made-up" if paced else "")
    channel = Asking([held, *messages])
    server = Server(channel, clock)
    server.serve(network, lambda: channel.over, pacer(clock) if paced else None)
    return channel


def request(number: int) -> Request:
    payload = Payload("fp32", (1, FEATURE_BYTES // 4, 1, 1), bytes(FEATURE_BYTES))
    return Request(number, "features", payload)


def test_the_server_waits_for_its_device_and_tells_of_overruns_with_the_reply() -> None:
    _, quick, slow, again = serve([request(0), request(1), request(2)], [0.001, 0.007]).answers
    assert isinstance(quick, Reply) and isinstance(slow, Reply) and isinstance(again, Reply)
    assert (quick.decode_s, quick.tail_s) == pytest.approx((CODEC_S + TRANSPORT_S, HEADS_S))
    assert (quick.overruns, quick.overrun_s) == (0, 0.0)
    assert slow.tail_s == pytest.approx(0.007)
    assert (slow.overruns, slow.overrun_s) == pytest.approx((1, 0.007 - HEADS_S))
    assert again.overruns == 0


def test_who_waits_runs_first_and_who_computes_does_not() -> None:
    clock = OurClock()
    paced = pacer(clock)
    paced.begin()
    began_s = paced.start()
    assert not clock.first
    paced.hold("head", began_s, BLOCK_S, clock.wait_until)
    assert clock.first
    paced.start()
    assert not clock.first


def test_the_server_tells_what_it_counted_since_the_last_look() -> None:
    asked: list[Message] = [request(0), Look(), request(1), request(2), Look()]
    *_, first, _, _, second = serve(asked, [0.007, 0.001, 0.009]).answers
    assert isinstance(first, Looked) and isinstance(second, Looked)
    assert first.tail[:2] == (1, 1)
    assert second.tail == pytest.approx((2, 1, 0.009 - HEADS_S, 2 * HEADS_S))
    assert second.decode[:2] == (2, 0)


def test_a_server_that_stands_for_nothing_is_as_fast_as_it_is() -> None:
    _, reply = serve([request(0)], [0.0005], paced=False).answers
    assert isinstance(reply, Reply)
    assert (reply.decode_s, reply.tail_s) == pytest.approx((0.0, 0.0005))
    assert reply.overruns == 0


def test_what_the_edge_falls_back_on_lasts_as_on_the_device_and_at_the_request_s_own_pace() -> None:
    clock = OurClock()
    paced, records = pacer(clock, widest=1.5), list[RequestRecord]()
    samples = [Sample(n, {}, np.zeros((8, 8, 3), np.uint8)) for n in range(4)]
    network = BusyNetwork(clock, tail_s=[0.0, 0.0, LOCAL_S * 2])
    client = Client(Welcoming(clock), clock)
    edge = RealEdge(network, client, SPLIT, samples, clock=clock, pacer=paced)
    rules = Rules(deadline_s=1.0, timeout_s=2.0, closed=False, fallback_after_s=0.1)
    block = EdgeBlock("x", 0, network.tasks, True, rules, records.append)
    edge.drive(block, block.life(samples, [0.0, 0.05, 0.5, 1.0], 0))
    waited, at_once = records[:2], records[2:]
    for record in waited:
        pace = (record.head_done_s - record.issued_s) / BLOCK_S
        assert 1 < pace < 1.5
        assert record.fallback_done_s - record.fell_back_s == pytest.approx(pace * HEADS_S)
    paces = [(record.head_done_s - record.issued_s) / BLOCK_S for record in waited]
    assert paces[0] != paces[1]
    assert at_once[0].fallback_done_s - at_once[0].fell_back_s == pytest.approx(2 * LOCAL_S)
    assert [record.overruns for record in records] == [0, 0, 1, 0]
    assert LOCAL_S < at_once[1].fallback_done_s - at_once[1].fell_back_s < 1.5 * LOCAL_S
    assert paced.tallies()["fallback"][:2] == (4, 1)
    assert all(record.predictions for record in records)
