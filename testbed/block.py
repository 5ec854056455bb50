"""One block: one deployment's requests in one repeat, one after the other or at a fixed rate.

Latency counts from when a request was due, not from when it could be sent, so an edge that falls
behind shows it (no coordinated omission). Every request ends answered, late or lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from emulation.meter import Meter
from testbed.client import Arrival, Client
from testbed.deployment import Deployment
from testbed.network import Network
from testbed.record import Outcome, RequestRecord
from testbed.wire import Fault, Reply, Request
from testbed.workload import Sample

Emit = Callable[[RequestRecord], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """How requests of a block are timed. period_s None: closed loop. slowdown: see `Block`."""

    period_s: float | None
    deadline_s: float
    timeout_s: float
    slowdown: float


class Block:
    """Runs requests of one deployment and emits a record of each as it ends.

    Each compute stage on the edge is stretched to `slowdown` times its length by waiting out the
    rest, which stands in for a slower device; replies are still taken while it waits.
    """

    def __init__(
        self,
        network: Network,
        client: Client,
        meter: Meter,
        rules: Rules,
        deployment: Deployment,
        repeat: int,
    ) -> None:
        self._network = network
        self._client = client
        self._meter = meter
        self._rules = rules
        self._deployment = deployment
        self._repeat = repeat
        self._pending: dict[int, RequestRecord] = {}
        self._emit: Emit = lambda record: None
        self._start_s = 0.0
        self._metered = meter.read()

    def run(self, samples: Sequence[Sample], first_id: int, count: int, emit: Emit) -> None:
        """Issue `count` requests with ids from `first_id`; returns when each has ended."""
        self._emit = emit
        self._metered = self._meter.read()
        self._start_s = perf_counter()
        for index in range(count):
            due_s = self._wait_until_due(index)
            self._issue(first_id + index, index, samples[index % len(samples)], due_s)
            if self._rules.period_s is None:
                self._drain()
        self._drain()

    def _now(self) -> float:
        return perf_counter() - self._start_s

    def _wait_until_due(self, index: int) -> float:
        if self._rules.period_s is None:
            return self._now()
        due_s = index * self._rules.period_s
        self._wait(due_s)
        self._give_up_overdue()
        return due_s

    def _wait(self, until_s: float) -> None:
        for arrival in self._client.wait(self._start_s + until_s):
            self._take(arrival)

    def _issue(self, number: int, index: int, sample: Sample, due_s: float) -> None:
        issued_s = self._now()
        record = RequestRecord(
            deployment=self._deployment.name,
            repeat=self._repeat,
            index=index,
            sample=sample.number,
            outcome=Outcome.LOST,
            due_s=due_s,
            issued_s=issued_s,
            headed_s=issued_s,
            encoded_s=issued_s,
            labels=sample.labels,
        )
        if issued_s - due_s > self._rules.timeout_s:
            self._finish(replace(record, fault="timed out before the edge was free"))
        elif not self._deployment.crosses_link:
            self._answer_locally(record, sample)
        else:
            self._send(number, record, sample)

    def _answer_locally(self, record: RequestRecord, sample: Sample) -> None:
        classes = self._deployment.on_edge(self._network, sample.image)
        headed_s = self._stretch(record.issued_s)
        record = replace(record, headed_s=headed_s, encoded_s=headed_s)
        self._finish(self._answered(record, headed_s, classes))

    def _send(self, number: int, record: RequestRecord, sample: Sample) -> None:
        array = self._deployment.before_cut(self._network, sample.image)
        headed_s = self._stretch(record.issued_s)
        payload = self._deployment.encode(array)
        encoded_s = self._stretch(headed_s)
        sent_s = self._now()
        self._pending[number] = replace(
            record,
            headed_s=headed_s,
            encoded_s=encoded_s,
            sent_s=sent_s,
            payload_up_bytes=payload.size_bytes,
        )
        self._client.submit(Request(number, self._deployment.kind, payload))

    def _stretch(self, since_s: float) -> float:
        """Wait out the rest of a compute stage that began at `since_s`; returns its end."""
        now_s = self._now()
        if self._rules.slowdown == 1:
            return now_s
        self._wait(since_s + (now_s - since_s) * self._rules.slowdown)
        return self._now()

    def _drain(self) -> None:
        """Take replies until nothing is outstanding or its time is over."""
        while self._pending:
            oldest = next(iter(self._pending.values()))
            until_s = self._start_s + oldest.due_s + self._rules.timeout_s
            arrival = self._client.receive(until_s)
            if arrival is not None:
                self._take(arrival)
            self._give_up_overdue()

    def _take(self, arrival: Arrival) -> None:
        message = arrival.message
        record = self._pending.pop(message.id, None)
        if record is None:
            self._client.strays["after its timeout"] += 1
        elif isinstance(message, Fault):
            self._finish(replace(record, fault=message.reason))
        else:
            self._finish(self._completed(record, message, arrival))

    def _completed(self, record: RequestRecord, reply: Reply, arrival: Arrival) -> RequestRecord:
        if len(reply.classes) != len(self._network.tasks):
            return replace(record, fault="reply with another number of tasks")
        record = replace(
            record,
            server_decode_s=reply.decode_s,
            server_tail_s=reply.tail_s,
            server_s=reply.server_s,
            payload_down_bytes=arrival.size_bytes,
        )
        if self._client.shared_clock:
            sent_at_s = self._start_s + record.sent_s
            record = replace(
                record,
                uplink_s=reply.received_at_s - sent_at_s,
                downlink_s=arrival.at_s - reply.replied_at_s,
            )
        return self._answered(record, arrival.at_s - self._start_s, reply.classes)

    def _answered(
        self, record: RequestRecord, answered_s: float, classes: tuple[int, ...]
    ) -> RequestRecord:
        latency_s = answered_s - record.due_s
        if latency_s > self._rules.timeout_s:
            return replace(record, fault="answered after its timeout")
        in_time = latency_s <= self._rules.deadline_s
        return replace(
            record,
            outcome=Outcome.ANSWERED if in_time else Outcome.LATE,
            answered_s=answered_s,
            predictions=dict(zip(self._network.tasks, classes, strict=True)),
        )

    def _give_up_overdue(self) -> None:
        """What is past its timeout is lost; without a server, so is everything outstanding."""
        now_s = self._now()
        for number, record in list(self._pending.items()):
            if not self._client.connected:
                fault = "the server half is gone"
            elif now_s - record.due_s >= self._rules.timeout_s:
                fault = "no answer within its timeout"
            else:
                continue
            del self._pending[number]
            self._finish(replace(record, fault=fault))

    def _finish(self, record: RequestRecord) -> None:
        metered = self._meter.read()
        if metered is not None and self._metered is not None:
            record = replace(
                record,
                wire_up_bytes=metered[0] - self._metered[0],
                wire_down_bytes=metered[1] - self._metered[1],
            )
        self._metered = metered
        self._emit(record)
