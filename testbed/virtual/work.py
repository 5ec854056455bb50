"""What one block's requests are to do: rows of a profile, drawn all at once, ready to be replayed.

Everything that does not depend on the link is settled here, in numpy; the processes only look up.
"""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from testbed.channel.wire import pack
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.lifecycle.asks import Labelled
from testbed.lifecycle.messages import Payload, Reply, Request
from testbed.network import CAMERA
from testbed.virtual.repertoire import DeploymentProfile, Repertoire

Rows = NDArray[np.int64]
Sizes = NDArray[np.int64]
Floats = NDArray[np.float64]

FRAME_BYTES, LONG_FRAME_BYTES, LONGEST_SHORT_FRAME = 2, 9, 255
"""ZMTP 3.1 (rfc.zeromq.org/spec/37): before each frame a flag and its length in 1 or 8 bytes."""
_EDGE = ("head_s", "encode_s")
SHAPE = (720, 720, 3)
"""Stands for every shape in a header: others take up to 4 bytes less."""


class Replay:
    """One deployment's profile as arrays, a value for each row, at a scenario's slowdown.

    begins_network: whether its head is the beginning of the whole network; an edge that shrinks the
    image for sending alone has done nothing of that.
    """

    def __init__(self, profile: Repertoire, name: str, slowdown: float) -> None:
        """Raises BadInput for a deployment that was not measured."""
        measured = profile.of(name)
        self.name = name
        self.crosses_link = measured.codec is not None
        self.begins_network = measured.cut != CAMERA
        self.tasks = tuple(measured.predictions)
        self.classes = _rows_of(measured.predictions, len(profile))
        labels = _rows_of(profile.labels, len(profile))
        self.samples = [
            Labelled(number, dict(zip(profile.labels, classes, strict=True)))
            for number, classes in zip(profile.samples, labels, strict=True)
        ]
        self.payload_bytes = np.asarray(measured.payload_up_bytes, np.int64)
        self.request_bytes = request_bytes(measured.cut, measured.codec, self.payload_bytes)
        self.reply_bytes = _reply_bytes(self.classes)
        self._pauses_s = [0.0, *(after.pause_s for after in measured.after_pauses)]
        scale = slowdown / profile.slowdown
        self._stages = {
            column: _after_each_pause(measured, column, scale if column in _EDGE else 1.0)
            for column in type(measured.at_once).model_fields
        }
        server_s = (self._stages[f"server_{part}_s"][0] for part in ("decode", "tail", "other"))
        self.usual_server_s = float(np.median(sum(server_s)))

    def times(self, rows: Rows) -> list[list[tuple[float, ...]]]:
        """Seconds of the stages of these rows, at once and after each of the measured pauses."""
        return [
            list(zip(*(stage_s[rows].tolist() for stage_s in stages_s), strict=True))
            for stages_s in zip(*self._stages.values(), strict=True)
        ]

    def pause_rank(self, pause_s: float) -> tuple[int, float]:
        """Which of the measured pauses this one is, from 0 for none, and the share to the next.

        Longer ones than measured count as the longest.
        """
        pauses_s = self._pauses_s
        after = bisect_right(pauses_s, pause_s)
        if not after or after == len(pauses_s):
            return max(0, after - 1), 0.0
        before_s = pauses_s[after - 1]
        return after - 1, (pause_s - before_s) / (pauses_s[after] - before_s)


class Work:
    """One block's requests, in their order: they replay `rows`, with numbers from `first_number`.

    up_bytes, down_bytes: what each puts on the connection. reply_bytes: the reply alone.
    """

    def __init__(self, replay: Replay, rows: Rows, first_number: int) -> None:
        number_bytes = _integer_bytes(first_number + np.arange(len(rows)))
        reply = replay.reply_bytes[rows] + number_bytes
        self.replay = replay
        self.samples = [replay.samples[row] for row in rows]
        self.classes = [replay.classes[row] for row in rows]
        self._times = replay.times(rows)
        self.payload_bytes: list[int] = replay.payload_bytes[rows].tolist()
        self.up_bytes: list[int] = (replay.request_bytes[rows] + number_bytes).tolist()
        self.down_bytes: list[int] = (reply + FRAME_BYTES).tolist()
        self.reply_bytes: list[int] = reply.tolist()

    def stages_s(self, index: int, pause_s: float) -> Sequence[float]:
        """What each stage of a request takes after such a pause, in the order of `Stages`."""
        whole, part = self.replay.pause_rank(pause_s)
        found_s = self._times[whole][index]
        if not part:
            return found_s
        next_s = self._times[whole + 1][index]
        return [a + part * (b - a) for a, b in zip(found_s, next_s, strict=True)]


def draw_rows(profile: Repertoire, scenario: Scenario, repeat: int) -> Rows:
    """Which rows the requests of one repeat replay, warm-up first; the same in every deployment.

    Each row once before any comes again.
    """
    wanted = scenario.workload.warmup + scenario.workload.requests
    random = np.random.default_rng([seed_for(scenario.seed, "samples"), repeat])
    passes = -(-wanted // len(profile))
    rows = np.tile(np.arange(len(profile)), (passes, 1))
    return random.permuted(rows, axis=1).ravel()[:wanted]


def _after_each_pause(measured: DeploymentProfile, column: str, scale: float) -> list[Floats]:
    """A stage at once and after each pause.

    After a pause, rows keep their order: what took long at once takes long again.
    """
    at_once_s = scale * np.asarray(getattr(measured.at_once, column), np.float64)
    shares = _midpoints(len(at_once_s))[at_once_s.argsort(kind="stable").argsort()]
    stages = [at_once_s]
    for after in measured.after_pauses:
        ordered_s = scale * np.sort(getattr(after.stages, column))
        stages.append(np.interp(shares, _midpoints(len(ordered_s)), ordered_s))
    return stages


def _midpoints(count: int) -> Floats:
    """Which quantile each of `count` ordered values stands for."""
    return (np.arange(count) + 0.5) / count


def _rows_of(columns: dict[str, tuple[int, ...]], rows: int) -> list[tuple[int, ...]]:
    """The classes of each row, one a task."""
    return list(zip(*columns.values(), strict=True)) if columns else [()] * rows


def request_bytes(cut: str, codec: str | None, payload_bytes: Sizes) -> Sizes:
    """A request with each of these payloads, but for its number; 0 where nothing is sent."""
    if codec is None:
        return np.zeros_like(payload_bytes)
    header, _ = pack(Request(0, cut, Payload(codec, SHAPE, b"")))
    framing = np.where(payload_bytes > LONGEST_SHORT_FRAME, LONG_FRAME_BYTES, FRAME_BYTES)
    return FRAME_BYTES + len(header) - 1 + framing + payload_bytes


def _reply_bytes(classes: Sequence[tuple[int, ...]]) -> Sizes:
    """The header of each row's reply, but for its number; a reply is one short frame."""
    replies = (Reply(0, answers, 0.0, 0.0, 0.0, 0.0, 0.0) for answers in classes)
    return np.asarray([len(pack(reply)[0]) - 1 for reply in replies])


def _integer_bytes(numbers: NDArray[np.int64]) -> Sizes:
    """What a number from 0 takes in msgpack."""
    return np.select([numbers < 1 << 7, numbers < 1 << 8, numbers < 1 << 16], [1, 2, 3], 5)
