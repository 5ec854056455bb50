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

    received_s: when its turn came. decode_s, tail_s: what the stages took.
    """

    request: Asked
    received_s: float
    fault: str
    decode_s: float
    tail_s: float
    classes: tuple[int, ...]


Ask: TypeAlias = Idle | Compute[Asked] | Answer[Asked]
Life: TypeAlias = Generator[Ask[Asked], float, None]
"""Yields what to do and is sent the time at which it was done, in seconds on any clock."""


def life(waiting: deque[Asked]) -> Life[Asked]:
    """Endless: decode, compute, reply, in the order in which a driver adds to `waiting`."""
    idle, now_s = Idle(), 0.0
    while True:
        while not waiting:
            now_s = yield idle
        received_s = now_s
        work = Compute(waiting.popleft())
        computed_s = decoded_s = yield work
        if not work.fault:
            work.stage = "tail"
            computed_s = yield work
        decode_s, tail_s = decoded_s - received_s, computed_s - decoded_s
        now_s = yield Answer(work.request, received_s, work.fault, decode_s, tail_s, work.classes)
