"""A block's requests: every one ends answered, late or lost, and its stages add up.

The server is a real one in a thread; a network that takes a known time stands in for compute.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle, islice
from math import isnan
from time import process_time, sleep

import numpy as np
import pytest

from emulation.meter import Meter, NoMeter
from testbed.channel.zeromq import ZeroMqEdge
from testbed.config.deployments import Remote, RemoteSection, Split, SplitSection
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment, hello_of, make_deployment
from testbed.halves.edge import RealEdge
from testbed.halves.workload import Sample
from testbed.lifecycle.asks import Rules
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.reasons import TOO_LATE
from testbed.lifecycle.wire_bytes import counting_wire
from testbed.model.load import NullNetwork
from testbed.network import Activation, Network
from testbed.results.derived import STAGES
from testbed.results.record import Outcome, RequestRecord
from testbed.results.table import table_of
from tests.testbed.halves_in_threads import FEATURE_BYTES, TASKS, null_network, serving

LOCAL = make_deployment("local", null_network())
SPLIT = make_deployment(Split(split=SplitSection(codec="fp32")), null_network())
REMOTE = make_deployment(Remote(remote=RemoteSection(codec="raw")), null_network())
CLOSED = Rules(deadline_s=1.0, timeout_s=2.0)


class SlowNetwork(NullNetwork):
    """Takes `head_s` for its features and `tail_s` for its heads."""

    def __init__(self, head_s: float = 0.0, tail_s: float = 0.0) -> None:
        super().__init__(TASKS, FEATURE_BYTES)
        self.head_s, self.tail_s = head_s, tail_s

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        if start < 2 <= stop:
            work(self.head_s)
        if start < 3 == stop:
            (work if start == 0 else sleep)(self.tail_s)
        return super().run(x, start, stop)


def work(cpu_s: float) -> None:
    """Use the processor for that long."""
    end_s = process_time() + cpu_s
    while process_time() < end_s:
        pass


class CountingMeter:
    """A meter that moves by a fixed step each time it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self) -> tuple[int, int]:
        self.reads += 1
        return 100 * self.reads, 10 * self.reads


def samples(count: int = 3) -> list[Sample]:
    return [
        Sample(n, {"scale": 0, "shape": 1}, np.zeros((8, 8, 3), np.uint8)) for n in range(count)
    ]


@contextmanager
def connected(server_network: Network | None = None) -> Iterator[Client]:
    with serving(server_network) as server, closing(ZeroMqEdge(server.address)) as channel:
        client = Client(channel)
        client.hello(hello_of(null_network()), 3.0)
        yield client


def run_block(
    client: Client,
    deployment: Deployment = SPLIT,
    rules: Rules = CLOSED,
    count: int = 5,
    network: Network | None = None,
    period_s: float = 0.0,
    meter: Meter | None = None,
    slowdown: float = 1.0,
) -> list[RequestRecord]:
    records: list[RequestRecord] = []
    ended = counting_wire((meter or NoMeter()).read, records.append)
    taken = list(islice(cycle(samples()), count))
    edge = RealEdge(network or null_network(), client, deployment, taken, slowdown)
    block = EdgeBlock(deployment.name, 1, TASKS, deployment.crosses_link, rules, ended)
    edge.drive(block, block.life(taken, (period_s * n for n in range(count)), 100))
    return records


def stages_of(records: list[RequestRecord]) -> list[dict[str, float]]:
    table = table_of(records)
    columns = {stage: table[f"stage_{stage}_s"].tolist() for stage in STAGES}
    return [dict(zip(STAGES, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def latency_s(record: RequestRecord) -> float:
    return record.answered_s - record.due_s


@pytest.mark.parametrize("deployment", [LOCAL, SPLIT, REMOTE], ids=lambda d: d.name)
def test_every_request_is_answered_in_order_with_its_sample(deployment: Deployment) -> None:
    with connected() as client:
        records = run_block(client, deployment)
    assert [record.index for record in records] == [0, 1, 2, 3, 4]
    assert [record.sample for record in records] == [0, 1, 2, 0, 1]
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert {record.repeat for record in records} == {1}
    assert records[0].predictions == dict.fromkeys(TASKS, 0)
    assert records[0].labels == {"scale": 0, "shape": 1}


@pytest.mark.parametrize("deployment", [LOCAL, SPLIT, REMOTE], ids=lambda d: d.name)
def test_stages_add_up_and_none_is_negative(deployment: Deployment) -> None:
    with connected() as client:
        for record in run_block(client, deployment):
            stages = stages_of([record])[0]
            assert set(stages) == set(STAGES)
            assert sum(stages.values()) == pytest.approx(latency_s(record), abs=1e-12)
            assert min(stages.values()) >= -1e-9


def test_payload_bytes_are_what_was_sent() -> None:
    with connected() as client:
        assert {r.payload_up_bytes for r in run_block(client, SPLIT)} == {FEATURE_BYTES}
        assert {r.payload_up_bytes for r in run_block(client, REMOTE)} == {8 * 8 * 3}
        assert {r.payload_up_bytes for r in run_block(client, LOCAL)} == {0}


def test_time_falls_into_the_stage_that_took_it() -> None:
    slow = SlowNetwork(head_s=0.02, tail_s=0.03)
    with connected(slow) as client:
        stages = stages_of(run_block(client, SPLIT, count=3, network=slow))
    assert min(s["head"] for s in stages) >= 0.02
    assert min(s["tail"] for s in stages) >= 0.03
    assert min(s["other"] + s["uplink"] + s["downlink"] for s in stages) < 0.015


def test_slowdown_stretches_each_compute_stage_of_the_edge_alone() -> None:
    slow = SlowNetwork(head_s=0.01, tail_s=0.02)
    with connected(slow) as client:
        split = run_block(client, SPLIT, count=3, network=slow, slowdown=4.0)
        local = run_block(client, LOCAL, count=3, network=slow, slowdown=4.0)
    # Other threads count into the processor time: by the clock a stage may be a little shorter.
    assert min(s["head"] for s in stages_of(split)) >= 0.039
    assert min(s["tail"] for s in stages_of(split)) < 0.05
    assert min(latency_s(r) for r in local) >= 0.118


def test_slowdown_does_not_multiply_time_the_machine_spent_elsewhere() -> None:
    class Interrupted(NullNetwork):
        def run(self, x: Activation, start: int, stop: int) -> Activation:
            sleep(0.05)  # uses no processor, as when another process has it
            return super().run(x, start, stop)

    interrupted = Interrupted(TASKS, FEATURE_BYTES)
    with connected() as client:
        records = run_block(client, LOCAL, count=3, network=interrupted, slowdown=8.0)
    assert min(latency_s(record) for record in records) < 0.2


def test_answer_after_its_deadline_is_late_and_kept() -> None:
    slow = SlowNetwork(tail_s=0.02)
    with connected(slow) as client:
        records = run_block(client, rules=Rules(0.005, 2.0), count=3, network=slow)
    assert [record.outcome for record in records] == [Outcome.LATE] * 3
    assert all(record.predictions for record in records)


def test_answer_after_its_timeout_is_lost_and_its_late_reply_is_not_taken_for_another() -> None:
    slow = SlowNetwork(tail_s=0.15)
    with connected(slow) as client:
        records = run_block(client, rules=Rules(0.05, 0.1), count=2, network=slow)
        assert [record.outcome for record in records] == [Outcome.LOST] * 2
        assert {record.fault for record in records} == {"no answer within its timeout"}
        assert all(isnan(latency_s(record)) for record in records)
        again = run_block(client, rules=CLOSED, count=1, network=slow)
        assert again[0].outcome is Outcome.ANSWERED
        assert client.strays[TOO_LATE] == 2


@pytest.mark.alone  # it counts milliseconds
def test_periodic_requests_are_due_on_time_whether_or_not_answers_are_in() -> None:
    slow = SlowNetwork(tail_s=0.03)
    rules = Rules(5.0, 5.0, closed=False)
    with connected(slow) as client:
        records = run_block(client, rules=rules, count=10, network=slow, period_s=0.02)
    assert [record.due_s for record in records] == pytest.approx([0.02 * n for n in range(10)])
    # The server needs 30 ms for what comes every 20 ms: latency grows by 10 ms a request, and
    # counting from when each was due shows it.
    assert latency_s(records[9]) - latency_s(records[0]) == pytest.approx(0.09, abs=0.05)
    assert max(record.issued_s - record.due_s for record in records) < 0.02


def test_an_edge_that_falls_behind_shows_it_as_waiting() -> None:
    slow = SlowNetwork(head_s=0.02)
    rules = Rules(5.0, 5.0, closed=False)
    with connected() as client:
        records = run_block(client, LOCAL, rules, 6, slow, period_s=0.005)
    waits = [stages["wait"] for stages in stages_of(records)]
    assert waits == sorted(waits)
    assert waits[-1] >= 5 * 0.015


def test_what_times_out_before_the_edge_is_free_is_lost_unsent() -> None:
    slow = SlowNetwork(head_s=0.05)
    rules = Rules(0.02, 0.06, closed=False)
    with connected() as client:
        records = run_block(client, LOCAL, rules, 8, slow, period_s=0.001)
    assert len(records) == 8
    assert records[-1].outcome is Outcome.LOST
    assert records[-1].fault == "timed out before the edge was free"


def test_server_that_dies_loses_what_is_left_at_once() -> None:
    slow = SlowNetwork(tail_s=0.01)
    with serving(slow) as server:
        channel = ZeroMqEdge(server.address)
        client = Client(channel)
        client.hello(hello_of(slow), 3.0)
        assert run_block(client, count=1, network=slow)[0].outcome is Outcome.ANSWERED
    with closing(channel):
        records = run_block(client, rules=Rules(1.0, 60.0), count=4, network=slow)
    assert [record.outcome for record in records] == [Outcome.LOST] * 4
    assert {record.fault for record in records} == {"the server half is gone"}


def test_refused_request_is_lost_with_the_reason() -> None:
    with connected(NullNetwork(TASKS, FEATURE_BYTES)) as client:
        records = run_block(client, count=1, network=NullNetwork(TASKS, 2 * FEATURE_BYTES))
    assert records[0].outcome is Outcome.LOST
    assert "does not fit" in records[0].fault


def test_wire_bytes_of_all_requests_sum_to_what_the_meter_moved() -> None:
    meter = CountingMeter()
    with connected() as client:
        records = run_block(client, count=4, meter=meter)
    assert sum(r.wire_up_bytes for r in records) == 100 * (meter.reads - 1)
    assert sum(r.wire_down_bytes for r in records) == 10 * (meter.reads - 1)


def test_wire_bytes_are_unknown_without_a_meter() -> None:
    with connected() as client:
        assert {r.wire_up_bytes for r in run_block(client)} == {-1}


def test_what_does_not_come_in_time_is_computed_here_and_its_late_answer_brings_the_link_back() -> (
    None
):
    rules = Rules(1.0, 2.0, closed=False, fallback_after_s=0.05)
    with connected(SlowNetwork(tail_s=0.12)) as client:
        records = run_block(client, rules=rules, count=3, period_s=0.08)
        assert client.strays[TOO_LATE] == 1
    waited, at_once, tried = records
    assert waited.fell_back_s - waited.due_s == pytest.approx(0.05, abs=0.02)
    assert isnan(at_once.sent_s) and not isnan(at_once.fell_back_s)
    assert not isnan(tried.sent_s)
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert {record.predictions["shape"] for record in records} == {0}
    for stages in stages_of(records):
        assert min(stages.values()) >= -1e-9


def test_without_a_server_an_edge_that_falls_back_loses_nothing() -> None:
    rules = Rules(1.0, 2.0, fallback_after_s=0.5)
    with serving() as server, closing(ZeroMqEdge(server.address)) as channel:
        client = Client(channel)
        client.hello(hello_of(null_network()), 3.0)
    client.channel.connected = False
    records = run_block(client, rules=rules, count=3)
    assert {record.outcome for record in records} == {Outcome.ANSWERED}
    assert {record.fault for record in records} == {"the server half is gone"}
    assert sum(not isnan(record.sent_s) for record in records) <= 1
