"""One block: one deployment's requests in one repeat, one after the other or at a fixed rate.

Latency counts from when a request was due, not from when it could be sent, so an edge that falls
behind shows it (no coordinated omission). Every request ends answered, late or lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from time import perf_counter, process_time
from typing import Any, NamedTuple

from emulation.meter import Meter
from testbed.halves.client import Arrival, Client
from testbed.halves.deployment import Deployment
from testbed.halves.wire import Fault, Reply, Request
from testbed.halves.workload import Sample
from testbed.network import Network
from testbed.results.record import Outcome, RequestRecord

Emit = Callable[[RequestRecord], None]

BUSY = "timed out before the edge was free"
UNANSWERED = "no answer within its timeout"
OVERDUE = "answered after its timeout"
SERVER_GONE = "the server half is gone"
UNSENT = "the transport takes no more: too many requests wait in it"


class Instant(NamedTuple):
    """A moment on the block's clock, and the processor time the edge had used by then."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Rules:
    """How requests of a block are timed. slowdown: see `Block`.

    period_s None: closed loop, each request pause_s after the answer to the one before.
    """

    period_s: float | None
    deadline_s: float
    timeout_s: float
    slowdown: float
    pause_s: float = 0.0


class Block:
    """Runs requests of one deployment and emits a record of each as it ends.

    Each compute stage on the edge is stretched to `slowdown` times its processor time by waiting
    out the rest, which stands in for a slower device; replies are still taken while it waits.
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
        self._pending: dict[int, _Flight] = {}
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
            due_s = self._now() + self._rules.pause_s
            if self._rules.pause_s:
                self._wait(due_s)
            return due_s
        due_s = index * self._rules.period_s
        self._wait(due_s)
        self._give_up_overdue()
        return due_s

    def _wait(self, until_s: float) -> None:
        for arrival in self._client.wait(self._start_s + until_s):
            self._take(arrival)

    def _issue(self, number: int, index: int, sample: Sample, due_s: float) -> None:
        issued = self._instant()
        flight = _Flight(index, sample, due_s, issued.wall_s, issued.wall_s, issued.wall_s)
        if issued.wall_s - due_s > self._rules.timeout_s:
            self._lose(flight, BUSY)
        elif self._deployment.crosses_link:
            self._send(number, flight, issued)
        else:
            self._answer_locally(flight, issued)

    def _answer_locally(self, flight: "_Flight", issued: Instant) -> None:
        classes = self._deployment.on_edge(self._network, flight.sample.image)
        flight.headed_s = flight.encoded_s = self._stretch(issued).wall_s
        self._answer(flight, flight.headed_s, classes)

    def _send(self, number: int, flight: "_Flight", issued: Instant) -> None:
        array = self._deployment.before_cut(self._network, flight.sample.image)
        headed = self._stretch(issued)
        payload = self._deployment.encode(array)
        flight.headed_s = headed.wall_s
        flight.encoded_s = self._stretch(headed).wall_s
        flight.payload_bytes = payload.size_bytes
        flight.sent_s = self._now()
        if self._client.submit(Request(number, self._deployment.kind, payload)):
            self._pending[number] = flight
        else:
            self._lose(flight, UNSENT if self._client.connected else SERVER_GONE)

    def _stretch(self, since: Instant) -> Instant:
        """Wait out the rest of a compute stage that began at `since`; returns its end.

        What is stretched is the processor time the stage took (its wall time, if several threads
        took more): a moment in which the machine did something else would otherwise count
        `slowdown` times.
        """
        slowdown = self._rules.slowdown
        now = self._instant()
        if slowdown == 1:
            return now
        busy_s = min(now.wall_s - since.wall_s, now.cpu_s - since.cpu_s)
        self._wait(now.wall_s + busy_s * (slowdown - 1))
        return self._instant()

    def _instant(self) -> Instant:
        return Instant(self._now(), process_time() if self._rules.slowdown != 1 else 0.0)

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
        flight = self._pending.pop(message.id, None)
        if flight is None:
            self._client.strays["after its timeout"] += 1
        elif isinstance(message, Fault):
            self._lose(flight, message.reason)
        elif len(message.classes) != len(self._network.tasks):
            self._lose(flight, "reply with another number of tasks")
        else:
            durations = self._durations(flight, message, arrival)
            self._answer(flight, arrival.at_s - self._start_s, message.classes, **durations)

    def _durations(self, flight: "_Flight", reply: Reply, arrival: Arrival) -> dict[str, Any]:
        """What a reply tells besides its classes; one-way times only where clocks are shared."""
        shared = self._client.shared_clock
        return {
            "server_decode_s": reply.decode_s,
            "server_tail_s": reply.tail_s,
            "server_s": reply.server_s,
            "payload_down_bytes": arrival.size_bytes,
            "uplink_s": reply.received_at_s - self._start_s - flight.sent_s if shared else nan,
            "downlink_s": arrival.at_s - reply.replied_at_s if shared else nan,
        }

    def _answer(
        self, flight: "_Flight", answered_s: float, classes: tuple[int, ...], **durations: Any
    ) -> None:
        latency_s = answered_s - flight.due_s
        if latency_s > self._rules.timeout_s:
            self._lose(flight, OVERDUE)
            return
        self._finish(
            flight,
            outcome=Outcome.ANSWERED if latency_s <= self._rules.deadline_s else Outcome.LATE,
            answered_s=answered_s,
            predictions=dict(zip(self._network.tasks, classes, strict=True)),
            **durations,
        )

    def _give_up_overdue(self) -> None:
        """What is past its timeout is lost; without a server, so is everything outstanding."""
        now_s = self._now()
        for number, flight in list(self._pending.items()):
            if not self._client.connected:
                fault = SERVER_GONE
            elif now_s - flight.due_s >= self._rules.timeout_s:
                fault = UNANSWERED
            else:
                continue
            del self._pending[number]
            self._lose(flight, fault)

    def _lose(self, flight: "_Flight", fault: str) -> None:
        self._finish(flight, outcome=Outcome.LOST, fault=fault)

    def _finish(self, flight: "_Flight", outcome: Outcome, **known: Any) -> None:
        """Emit the record of a request that has ended; nothing here counts into its latency."""
        metered, before = self._meter.read(), self._metered
        self._metered = metered
        if metered is not None and before is not None:
            known["wire_up_bytes"] = metered[0] - before[0]
            known["wire_down_bytes"] = metered[1] - before[1]
        self._emit(
            RequestRecord(
                deployment=self._deployment.name,
                repeat=self._repeat,
                index=flight.index,
                sample=flight.sample.number,
                outcome=outcome,
                due_s=flight.due_s,
                issued_s=flight.issued_s,
                head_done_s=flight.headed_s,
                encode_done_s=flight.encoded_s,
                sent_s=flight.sent_s,
                payload_up_bytes=flight.payload_bytes,
                labels=flight.sample.labels,
                **known,
            )
        )


@dataclass(slots=True)
class _Flight:
    """A request under way: what its record will need. Cheap, since it is made while time counts."""

    index: int
    sample: Sample
    due_s: float
    issued_s: float
    headed_s: float
    encoded_s: float
    sent_s: float = nan
    payload_bytes: int = 0
