"""One block at the edge: one deployment's requests in one repeat, from due to answered or lost.

Latency counts from when a request was due, not from when it could be sent, so an edge that falls
behind shows it (no coordinated omission). Every request ends answered, late or lost.

Where the edge falls back, it computes the whole network itself once the server's answer will not
come in time: `fallback_after_s` from when the request was due; where the edge itself was behind,
from when it began it, or a slow edge would never use the link again. So it does at once with what
the server refuses, what the transport does not take, and what a server that is gone was to answer.

After an answer that did not come in time the link counts as down: requests are answered here at
once and nothing is sent that would only queue and then burst. Any message of the server's, however
late, says that the link carries again; after a whole timeout without one the next request is sent.
That is a circuit breaker (Nygard, Release It!, 2007) whose probe is the unanswered request: the
transport goes on sending it, and nothing that is sent later on the connection would arrive sooner.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf

from testbed.lifecycle import reasons
from testbed.lifecycle.asks import Asked, Compute, Labelled, Life, Receive, Rules, Send, Step
from testbed.lifecycle.messages import Fault, Reply
from testbed.results.record import Outcome, RequestRecord

ROUNDING_S = 1e-9
"""A time that is reached but for less than this is reached: times are sums of binary fractions."""


@dataclass
class EdgeBlock:
    """Says what one block does next. A driver runs `life()`, calls `take`,
    `lose_server` and `find_server`.

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
        self._pending: dict[int, Asked] = {}
        self._stranded: deque[Asked] = deque()
        self._falls_back = self.crosses_link and self.rules.fallback_after_s < inf
        self._server_gone = False
        self._down_until_s = 0.0
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
            if self._pending or self._down_until_s:  # take what came while the edge was at work
                receive.until_s = now_s
                now_s = yield receive
            now_s = yield from self._settle(now_s)
            while due_s - now_s > ROUNDING_S:
                receive.until_s = min(due_s, self._patience_ends_s())
                now_s = yield from self._settle((yield receive))
            record = RequestRecord(
                self.deployment, self.repeat, index, sample.number, due_s, max(now_s, due_s)
            )
            record.labels = sample.labels
            if now_s - due_s > rules.timeout_s:
                record.head_done_s = record.encode_done_s = record.issued_s
                self._lose(record, reasons.BUSY)
                continue
            now_s = yield from self._work(record, first_number + index)
            if self._stranded:
                now_s = yield from self._answer_stranded(now_s)
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
        self._down_until_s = 0.0
        asked = self._pending.pop(message.id, None)
        if asked is None:
            return False
        record = asked.record
        if isinstance(message, Fault):
            self._strand(asked, message.reason)
        elif len(message.classes) != len(self.tasks):
            self._strand(asked, reasons.OTHER_TASKS)
        elif self._overdue(record, at_s):
            self._lose(record, reasons.OVERDUE)
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
        """Whether an answer is waited for, or any sign that the link carries again."""
        return bool(self._pending or self._down_until_s)

    def lose_server(self) -> None:
        """The server is gone: what waits for it will not be answered, nor what would be sent."""
        self._server_gone = True
        for number in list(self._pending):
            self._strand(self._pending.pop(number), reasons.SERVER_GONE)

    def find_server(self) -> None:
        """Another one is there, or waited for: what is asked from now on is sent to it."""
        self._server_gone = False

    def _work(self, record: RequestRecord, number: int) -> Step:
        """What a request asks of the edge, one after the other."""
        now_s = record.issued_s
        if self._falls_back and (why := self._why_not_send(now_s)):
            record.head_done_s = record.encode_done_s = now_s
            self._strand(Asked(record, None), why)
            return now_s
        compute, send = self._compute, self._send
        compute.record = send.record = record
        compute.stage = "head"
        now_s = yield compute
        record.head_done_s = record.encode_done_s = now_s
        if not self.crosses_link:
            return (yield from self._answer_here(record, now_s))
        asked = Asked(record, compute.kept)
        compute.stage = "encode"
        now_s = yield compute
        record.encode_done_s = record.sent_s = now_s
        if self._server_gone:
            self._strand(asked, reasons.SERVER_GONE)
            return now_s
        send.number, send.fault = number, ""
        now_s = yield send
        if send.fault:
            self._strand(asked, send.fault)
        else:
            self._pending[number] = asked
        return now_s

    def _why_not_send(self, now_s: float) -> str:
        """Empty where the link can be tried."""
        if self._server_gone:
            return reasons.SERVER_GONE
        return reasons.LINK_DOWN if now_s < self._down_until_s else ""

    def _settle(self, now_s: float) -> Step:
        """After what has come was taken: what has waited too long is lost, or answered here."""
        self._give_up(now_s)
        if self._stranded:
            now_s = yield from self._answer_stranded(now_s)
        return now_s

    def _answer_stranded(self, now_s: float) -> Step:
        """The edge computes what no server will answer in time, one request after the other."""
        while self._stranded:
            record, kept = self._stranded.popleft()
            if self._overdue(record, now_s):
                self._lose(record, reasons.BUSY)
                continue
            compute = self._compute
            compute.record, compute.stage, compute.kept = record, "fallback", kept
            record.fell_back_s = now_s
            now_s = yield compute
            record.fallback_done_s = now_s
            now_s = yield from self._answer_here(record, now_s)
            self._give_up(now_s)
        return now_s

    def _answer_here(self, record: RequestRecord, now_s: float) -> Step:
        """The edge has computed the answer."""
        if self._overdue(record, now_s):
            self._lose(record, reasons.OVERDUE)
        else:
            self._answer(record, now_s, self._compute.classes)
        receive = self._receive
        receive.until_s = now_s  # what it takes to write a record down is no request's time
        return (yield receive)

    def _drain(self, now_s: float) -> Step:
        """Take replies until nothing is outstanding or its time is over."""
        receive, pending = self._receive, self._pending
        while pending:
            first = next(iter(pending.values())).record
            receive.until_s = min(first.due_s + self.rules.timeout_s, self._patience_ends_s())
            now_s = yield from self._settle((yield receive))
        return now_s

    def _patience_ends_s(self) -> float:
        """When the first of those that wait for the server will have waited for long enough."""
        if not (self._falls_back and self._pending):
            return inf
        first = next(iter(self._pending.values())).record
        return first.issued_s + self.rules.fallback_after_s

    def _give_up(self, now_s: float) -> None:
        """Whose timeout is over is lost, who waited in vain is stranded; the first due first."""
        pending, rules = self._pending, self.rules
        latest_s = now_s - rules.timeout_s + ROUNDING_S
        while pending and pending[number := next(iter(pending))].record.due_s <= latest_s:
            self._lose(pending.pop(number).record, reasons.UNANSWERED)
        latest_s = now_s - rules.fallback_after_s + ROUNDING_S
        while pending and pending[number := next(iter(pending))].record.issued_s <= latest_s:
            self._strand(pending.pop(number), reasons.SLOW)
            self._down_until_s = now_s + rules.timeout_s

    def _strand(self, asked: Asked, why: str) -> None:
        """No server will answer it in time: the edge does, if it falls back."""
        if self._falls_back:
            asked.record.fault = why
            self._stranded.append(asked)
        else:
            self._lose(asked.record, why)

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
