"""The server: one request after another, as they come, whatever they carry."""

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

Asked = TypeVar("Asked")
"""A request as a driver knows it."""


class Idle:
    """Nothing to do until something has arrived."""


@dataclass(slots=True)
class Compute(Generic[Asked]):
    """Do one stage of a request now. The driver fills in fault, or after the tail classes."""

    request: Asked
    stage: Literal["decode", "tail"] = "decode"
    fault: str = ""
    classes: tuple[int, ...] = ()


@dataclass(slots=True)
class Answer(Generic[Asked]):
    """Reply to a request now. fault: why it could not be done, empty where it could.

    arrived_s: when it came. queue_s: how long others were before it. decode_s, tail_s: what the
    stages took.
    """

    request: Asked
    arrived_s: float
    queue_s: float
    fault: str
    decode_s: float
    tail_s: float
    classes: tuple[int, ...]


Ask: TypeAlias = Idle | Compute[Asked] | Answer[Asked]
Life: TypeAlias = Generator[Ask[Asked], float, None]
"""Yields what to do and is sent the time at which it was done, in seconds on any clock."""


def life(waiting: deque[tuple[float, Asked]]) -> Life[Asked]:
    """Endless: decode, compute, reply, in the order in which a driver adds to `waiting`.

    waiting: requests, each with when it came.
    """
    idle, now_s = Idle(), 0.0
    while True:
        at_once = not waiting
        while not waiting:
            now_s = yield idle
        arrived_s, request = waiting.popleft()
        if at_once:  # reading it is the transport's time: nothing was before it
            arrived_s = now_s
        begun_s = now_s
        work = Compute(request)
        computed_s = decoded_s = yield work
        if not work.fault:
            work.stage = "tail"
            computed_s = yield work
        now_s = yield Answer(
            request,
            arrived_s,
            begun_s - arrived_s,
            work.fault,
            decoded_s - begun_s,
            computed_s - decoded_s,
            work.classes,
        )
