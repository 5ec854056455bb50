"""What one block's requests are to do: rows of a profile, drawn all at once, ready to be replayed.

Everything that does not depend on the link is settled here, in numpy; the processes only look up.
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.virtual.profile import DeploymentProfile, Profile
from testbed.virtual.sizes import FRAME_BYTES, integer_bytes, reply_bytes, request_bytes

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class StageTimes:
    """Seconds of a stage: a value for each request, at once and after each of the measured pauses.

    Which pause came before a request is said by its rank: 0 is none, 1 the first of the measured
    ones, 1.5 one halfway between the first and the second.
    """

    def __init__(self, values_s: list[list[float]]) -> None:
        self._values_s = values_s

    def at(self, index: int, pause_rank: float) -> float:
        """Of one request after such a pause."""
        if not pause_rank:
            return self._values_s[0][index]
        whole = int(pause_rank)
        value_s, part = self._values_s[whole][index], pause_rank - whole
        return value_s + part * (self._values_s[whole + 1][index] - value_s) if part else value_s


class Replay:
    """One deployment's profile as arrays, a value for each row, at a scenario's slowdown."""

    def __init__(self, profile: Profile, name: str, slowdown: float) -> None:
        """Raises BadInput for a deployment that was not measured."""
        measured = profile.of(name)
        self.name = name
        self.slowdown = slowdown
        self.crosses_link = measured.codec is not None
        self.tasks = tuple(measured.predictions)
        self.classes = _rows_of(measured.predictions, len(profile))
        self.samples = [
            ProfiledSample(number, dict(zip(profile.labels, labels, strict=True)))
            for number, labels in zip(
                profile.samples, _rows_of(profile.labels, len(profile)), strict=True
            )
        ]
        self.payload_bytes = np.asarray(measured.payload_up_bytes, np.int64)
        self.request_bytes = request_bytes(measured.cut, measured.codec, self.payload_bytes)
        self.reply_bytes = reply_bytes(measured.predictions, len(profile))
        self._pauses_s = [0.0, *(after.pause_s for after in measured.after_pauses)]
        scale = slowdown / profile.slowdown
        self._stages = {
            column: _after_each_pause(measured, column, scale if column in _EDGE else 1.0)
            for column in type(measured.at_once).model_fields
        }
        self.usual_server_s = float(
            np.median(sum(self._stages[f"server_{part}_s"][0] for part in _SERVER))
        )

    def times(self, column: str, rows: Rows) -> StageTimes:
        """One stage of these rows, to be looked up one by one."""
        return StageTimes([values_s[rows].tolist() for values_s in self._stages[column]])

    def pause_rank(self, pause_s: float) -> float:
        """The rank of a pause (`StageTimes`); longer ones than measured count as the longest."""
        pauses_s = self._pauses_s
        after = bisect_right(pauses_s, pause_s)
        if not after:
            return 0.0
        if after == len(pauses_s):
            return after - 1.0
        before_s = pauses_s[after - 1]
        return after - 1 + (pause_s - before_s) / (pauses_s[after] - before_s)


_EDGE = ("head_s", "encode_s")
_SERVER = ("decode", "tail", "other")


@dataclass(frozen=True, slots=True)
class ProfiledSample:
    """An image of the profile: its number in the data set and its true classes."""

    number: int
    labels: dict[str, int]


@dataclass(frozen=True, slots=True)
class Work:
    """One block's requests, in their order.

    up_bytes, down_bytes: what each puts on the connection. reply_bytes: the reply alone.
    """

    replay: Replay
    samples: list[ProfiledSample]
    classes: list[tuple[int, ...]]
    head: StageTimes
    encode: StageTimes
    handing_up: StageTimes
    decode: StageTimes
    tail: StageTimes
    other: StageTimes
    handing_down: StageTimes
    payload_bytes: list[int]
    up_bytes: list[int]
    down_bytes: list[int]
    reply_bytes: list[int]


def make_work(replay: Replay, rows: Rows, first_number: int) -> Work:
    """Requests with numbers from `first_number` that replay these rows."""
    number_bytes = integer_bytes(first_number + np.arange(len(rows)))
    reply = replay.reply_bytes[rows] + number_bytes
    return Work(
        replay=replay,
        samples=[replay.samples[row] for row in rows],
        classes=[replay.classes[row] for row in rows],
        head=replay.times("head_s", rows),
        encode=replay.times("encode_s", rows),
        handing_up=replay.times("uplink_s", rows),
        decode=replay.times("server_decode_s", rows),
        tail=replay.times("server_tail_s", rows),
        other=replay.times("server_other_s", rows),
        handing_down=replay.times("downlink_s", rows),
        payload_bytes=replay.payload_bytes[rows].tolist(),
        up_bytes=(replay.request_bytes[rows] + number_bytes).tolist(),
        down_bytes=(reply + FRAME_BYTES).tolist(),
        reply_bytes=reply.tolist(),
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
