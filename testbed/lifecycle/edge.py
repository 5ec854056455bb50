"""One block at the edge: one deployment's requests in one repeat, from due to answered or lost.

Latency counts from when a request was due, not from when it could be sent, so an edge that falls
behind shows it (no coordinated omission). Every request ends answered, late or lost.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from testbed.lifecycle.messages import Fault, Reply
from testbed.results.record import Outcome, RequestRecord

BUSY = "timed out before the edge was free"
UNANSWERED = "no answer within its timeout"
OVERDUE = "answered after its timeout"
SERVER_GONE = "the server half is gone"
UNSENT = "the transport takes no more: too many requests wait in it"
OTHER_TASKS = "reply with another number of tasks"

ROUNDING_S = 1e-9
"""A time that is reached but for less than this is reached: times are sums of binary fractions."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How requests of a block are timed. closed: each waits for the end of the one before."""

    deadline_s: float
    timeout_s: float
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a request carries: an image's number in the data set, its true classes (maybe none)."""

    number: int
    labels: dict[str, int]


@dataclass(slots=True)
class Compute:
    """Do one stage of a request's work now, and nothing else until the device has done it.

    The driver fills in, after the head of a request that is answered here, classes; after encoding
    the record's payload_up_bytes.
    """

    stage: Literal["head", "encode"] = "head"
    record: RequestRecord = field(init=False)
    classes: tuple[int, ...] = ()


@dataclass(slots=True)
class Send:
    """Hand a request to the transport. The driver fills in fault if that would not take it."""

    record: RequestRecord = field(init=False)
    number: int = 0
    fault: str = ""


@dataclass(slots=True)
class Receive:
    """Let time pass until `until_s`, or until something has come that was given to `take`."""

    until_s: float = 0.0


Ask: TypeAlias = Compute | Send | Receive
Life: TypeAlias = Generator[Ask, float, None]
"""Yields what to do and is sent the time at which it was done, in seconds since the block began."""
Step: TypeAlias = Generator[Ask, float, float]
"""A part of a life; returns the time at its end."""


@dataclass
class EdgeBlock:
    """Says what one block does next. A driver runs `life()` and calls `take` and `lose_server`.

    ended: is given each record when its request has ended.
    The same objects are yielded again and again, since a request is made while time counts.
    """

    deployment: str
    repeat: int
    tasks: Sequence[str]
    crosses_link: bool
    rules: Rules
    ended: Callable[[RequestRecord], None]

    def __post_init__(self) -> None:
        self._pending: dict[int, RequestRecord] = {}
        self._server_gone = False
        self._compute, self._send, self._receive = Compute(), Send(), Receive()

    def life(
        self, samples: Iterable[Labelled], due_times: Iterable[float], first_number: int
    ) -> Life:
        """Every request, one for each of `samples`; it returns when the last has ended.

        due_times: seconds since the block began; in a closed loop, since the end of the request
        before. first_number: the first request's on the connection.
        """
        rules, receive, now_s = self.rules, self._receive, 0.0
        for index, (sample, time_s) in enumerate(zip(samples, due_times, strict=False)):
            due_s = now_s + time_s if rules.closed else time_s
            if self._pending:  # take what came while the edge was at work
                receive.until_s = now_s
                now_s = yield receive
            while due_s - now_s > ROUNDING_S:
                receive.until_s = due_s
                now_s = yield receive
            self._give_up_overdue(now_s)
            record = RequestRecord(
                self.deployment, self.repeat, index, sample.number, due_s, max(now_s, due_s)
            )
            record.labels = sample.labels
            if now_s - due_s > rules.timeout_s:
                record.head_done_s = record.encode_done_s = record.issued_s
                self._lose(record, BUSY)
                continue
            now_s = yield from self._work(record, first_number + index)
            if rules.closed and self._pending:
                now_s = yield from self._drain(now_s)
        yield from self._drain(now_s)

    def take(
        self, message: Reply | Fault, came_s: float, at_s: float, size_bytes: int, start_s: float
    ) -> bool:
        """A reply has come, or the server's word that it could not do what was asked.

        came_s: when it came, since the block began; at_s: when the edge was free to take it.
        start_s: when the block began by the server's clock, NaN where none is shared. Returns False
        where no request waits for it.
        """
        record = self._pending.pop(message.id, None)
        if record is None:
            return False
        if isinstance(message, Fault):
            self._lose(record, message.reason)
        elif len(message.classes) != len(self.tasks):
            self._lose(record, OTHER_TASKS)
        elif self._overdue(record, at_s):
            self._lose(record, OVERDUE)
        else:
            record.payload_down_bytes = size_bytes
            record.uplink_s = message.received_at_s - start_s - record.sent_s
            record.server_queue_s = message.queue_s
            record.server_decode_s = message.decode_s
            record.server_tail_s = message.tail_s
            record.server_s = message.replied_at_s - message.received_at_s
            record.downlink_s = came_s - (message.replied_at_s - start_s)
            record.reply_wait_s = at_s - came_s
            record.server_overrun_s = message.overrun_s
            record.overruns += message.overruns
            self._answer(record, at_s, message.classes)
        return True

    @property
    def waits(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._pending)

    def lose_server(self) -> None:
        """The server is gone: what waits for it is lost, and so is what would be sent to it."""
        self._server_gone = True
        for number in list(self._pending):
            self._lose(self._pending.pop(number), SERVER_GONE)

    def _work(self, record: RequestRecord, number: int) -> Step:
        """What a request asks of the edge, one after the other."""
        compute, send, receive = self._compute, self._send, self._receive
        compute.record = send.record = record
        compute.stage = "head"
        now_s = yield compute
        record.head_done_s = record.encode_done_s = now_s
        if not self.crosses_link:
            if self._overdue(record, now_s):
                self._lose(record, OVERDUE)
            else:
                self._answer(record, now_s, compute.classes)
            receive.until_s = now_s  # what it takes to write a record down is no request's time
            return (yield receive)
        compute.stage = "encode"
        now_s = yield compute
        record.encode_done_s = record.sent_s = now_s
        if self._server_gone:
            self._lose(record, SERVER_GONE)
            return now_s
        send.number, send.fault = number, ""
        now_s = yield send
        if send.fault:
            self._lose(record, send.fault)
        else:
            self._pending[number] = record
        return now_s

    def _drain(self, now_s: float) -> Step:
        """Take replies until nothing is outstanding or its time is over."""
        receive, pending = self._receive, self._pending
        while pending:
            receive.until_s = next(iter(pending.values())).due_s + self.rules.timeout_s
            now_s = yield receive
            self._give_up_overdue(now_s)
        return now_s

    def _give_up_overdue(self, now_s: float) -> None:
        """What is past its timeout is lost; what was due first comes first."""
        pending = self._pending
        latest_s = now_s - self.rules.timeout_s + ROUNDING_S
        while pending and pending[number := next(iter(pending))].due_s <= latest_s:
            self._lose(pending.pop(number), UNANSWERED)

    def _overdue(self, record: RequestRecord, at_s: float) -> bool:
        return at_s - record.due_s > self.rules.timeout_s

    def _answer(self, record: RequestRecord, at_s: float, classes: tuple[int, ...]) -> None:
        record.answered_s = at_s
        record.predictions = dict(zip(self.tasks, classes, strict=True))
        in_time = at_s - record.due_s <= self.rules.deadline_s
        record.outcome = Outcome.ANSWERED if in_time else Outcome.LATE
        self.ended(record)

    def _lose(self, record: RequestRecord, fault: str) -> None:
        record.fault = fault
        self.ended(record)
