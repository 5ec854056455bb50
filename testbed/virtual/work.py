"""What one block's requests are to do: rows of a profile, drawn all at once, ready to be replayed.

Everything that does not depend on the link is settled here, in numpy; the processes only look up.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from testbed.scenario import Scenario
from testbed.seeds import seed_for
from testbed.virtual.profile import DeploymentProfile, Profile
from testbed.virtual.sizes import FRAME_BYTES, integer_bytes, reply_bytes, request_bytes

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Paced:
    """Seconds of a stage, a value for each row: at once, and how much more it is when rested."""

    at_once_s: Floats
    more_s: Floats

    def __add__(self, other: "Paced") -> "Paced":
        return Paced(self.at_once_s + other.at_once_s, self.more_s + other.more_s)

    def of(self, rows: Rows, rested: Floats) -> Floats:
        """Of requests that are so rested, from 0 to 1."""
        return self.at_once_s[rows] + rested * self.more_s[rows]

    def lookup(self, rows: Rows) -> "Lookup":
        """The values of these rows, to be looked up one by one."""
        return Lookup(self.at_once_s[rows].tolist(), self.more_s[rows].tolist())


class Lookup(NamedTuple):
    """`Paced` as lists, a value for each request."""

    at_once_s: list[float]
    more_s: list[float]


class Replay:
    """One deployment's profile as arrays, a value for each row, at a scenario's slowdown."""

    def __init__(self, profile: Profile, name: str, slowdown: float) -> None:
        """Raises BadInput for a deployment that was not measured."""
        measured = profile.of(name)
        scale = slowdown / profile.slowdown
        self.name = name
        self.crosses_link = measured.codec is not None
        self.pause_s = profile.pause_s
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
        usual_server_s=float(np.median(replay.server.at_once_s)),
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
    at_once_s = scale * np.asarray(getattr(measured.at_once, column), np.float64)
    rested_s = scale * np.asarray(getattr(measured.rested, column), np.float64)
    return Paced(at_once_s, rested_s - at_once_s)


def _classes(columns: dict[str, tuple[int, ...]]) -> dict[str, NDArray[Any]]:
    return {task: np.asarray(classes, np.int64) for task, classes in columns.items()}
