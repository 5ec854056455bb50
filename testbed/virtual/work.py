"""What one block's requests are to do: rows of a profile, drawn all at once, ready to be replayed.

Everything that does not depend on the link is settled here, in numpy; the processes only look up.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.virtual.profile import DeploymentProfile, Profile
from testbed.virtual.sizes import FRAME_BYTES, integer_bytes, reply_bytes, request_bytes

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paced:
    """Seconds of a stage: a value for each row, at once and after each of the measured pauses.

    A request is so and so rested: 0 is at once, 1 after the first pause, 1.5 between the first and
    the second.
    """

    values_s: tuple[Floats, ...]

    def __add__(self, other: "Paced") -> "Paced":
        pairs = zip(self.values_s, other.values_s, strict=True)
        return Paced(tuple(mine + theirs for mine, theirs in pairs))

    def of(self, rows: Rows, rested: Floats) -> Floats:
        """Of requests that are so rested."""
        values_s = np.stack([*self.values_s, self.values_s[-1]])
        whole = rested.astype(np.int64)
        before_s, after_s = values_s[whole, rows], values_s[whole + 1, rows]
        between_s: Floats = before_s + (rested - whole) * (after_s - before_s)
        return between_s

    def lookup(self, rows: Rows) -> "Lookup":
        """The values of these rows, to be looked up one by one."""
        return Lookup([values_s[rows].tolist() for values_s in self.values_s])


class Lookup:
    """`Paced` as lists, a value for each request."""

    def __init__(self, values_s: list[list[float]]) -> None:
        self.values_s = values_s

    def at(self, index: int, rested: float) -> float:
        """Seconds of one request that is so rested."""
        whole = int(rested)
        value_s, part = self.values_s[whole][index], rested - whole
        return value_s + part * (self.values_s[whole + 1][index] - value_s) if part else value_s


class Replay:
    """One deployment's profile as arrays, a value for each row, at a scenario's slowdown."""

    def __init__(self, profile: Profile, name: str, slowdown: float) -> None:
        """Raises BadInput for a deployment that was not measured."""
        measured = profile.of(name)
        scale = slowdown / profile.slowdown
        self.name = name
        self.crosses_link = measured.codec is not None
        self._pauses_s = [0.0, *(after.pause_s for after in measured.after_pauses)]
        self.head = _paced(measured, "head_s", scale)
        self.encode = _paced(measured, "encode_s", scale)
        self.handing_up = _paced(measured, "uplink_s")
        self.handing_down = _paced(measured, "downlink_s")
        self.decode = _paced(measured, "server_decode_s")
        self.tail = _paced(measured, "server_tail_s")
        self.server = self.decode + self.tail + _paced(measured, "server_other_s")
        self.payload_bytes = np.asarray(measured.payload_up_bytes, np.int64)
        self.request_bytes = request_bytes(measured.kind, measured.codec, self.payload_bytes)
        self.reply_bytes = reply_bytes(measured.predictions, len(profile))
        self.predictions = _classes(measured.predictions)
        self.samples = np.asarray(profile.samples, np.int64)
        self.labels = _classes(profile.labels)

    def rested(self, pause_s: float) -> float:
        """How rested a request is after a pause; longer ones than measured count as the longest."""
        pauses_s = self._pauses_s
        after = bisect_right(pauses_s, pause_s)
        if not after:
            return 0.0
        if after == len(pauses_s):
            return after - 1.0
        before_s = pauses_s[after - 1]
        return after - 1 + (pause_s - before_s) / (pauses_s[after] - before_s)


@dataclass(frozen=True, slots=True)
class Work:
    """One block's requests, in their order.

    edge: head and encoding together. up_bytes, down_bytes: what each puts on the connection.
    reply_bytes: the reply alone. usual_server_s: what the server takes, more or less.
    """

    replay: Replay
    rows: Rows
    head: Lookup
    encode: Lookup
    edge: Lookup
    handing_up: Lookup
    server: Lookup
    handing_down: Lookup
    up_bytes: list[int]
    down_bytes: list[int]
    reply_bytes: NDArray[np.int64]
    usual_server_s: float


def make_work(replay: Replay, rows: Rows, first_id: int) -> Work:
    """Requests with ids from `first_id` that replay these rows."""
    number_bytes = integer_bytes(first_id + np.arange(len(rows)))
    reply = replay.reply_bytes[rows] + number_bytes
    return Work(
        replay=replay,
        rows=rows,
        head=replay.head.lookup(rows),
        encode=replay.encode.lookup(rows),
        edge=(replay.head + replay.encode).lookup(rows),
        handing_up=replay.handing_up.lookup(rows),
        server=replay.server.lookup(rows),
        handing_down=replay.handing_down.lookup(rows),
        up_bytes=(replay.request_bytes[rows] + number_bytes).tolist(),
        down_bytes=(reply + FRAME_BYTES).tolist(),
        reply_bytes=reply,
        usual_server_s=float(np.median(replay.server.values_s[0])),
    )


def draw_rows(profile: Profile, scenario: Scenario, repeat: int) -> Rows:
    """Which rows the requests of one repeat replay, warm-up first; the same in every deployment.

    Each row once before any comes again.
    """
    wanted = scenario.workload.warmup + scenario.workload.requests
    random = np.random.default_rng([seed_for(scenario.seed, "samples"), repeat])
    passes = -(-wanted // len(profile))
    rows = np.tile(np.arange(len(profile)), (passes, 1))
    return random.permuted(rows, axis=1).ravel()[:wanted]


def _paced(measured: DeploymentProfile, column: str, scale: float = 1.0) -> Paced:
    """After a pause, rows keep their order: what took long at once takes long again."""
    at_once_s = scale * np.asarray(getattr(measured.at_once, column), np.float64)
    shares = _midpoints(len(at_once_s))[at_once_s.argsort(kind="stable").argsort()]
    rested_s = []
    for after in measured.after_pauses:
        ordered_s = scale * np.sort(getattr(after.stages, column))
        rested_s.append(np.interp(shares, _midpoints(len(ordered_s)), ordered_s))
    return Paced((at_once_s, *rested_s))


def _midpoints(count: int) -> Floats:
    """Which quantile each of `count` ordered values stands for."""
    return (np.arange(count) + 0.5) / count


def _classes(columns: dict[str, tuple[int, ...]]) -> dict[str, NDArray[Any]]:
    return {task: np.asarray(classes, np.int64) for task, classes in columns.items()}
