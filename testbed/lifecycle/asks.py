"""What the life of a block asks of its driver, and what it is told of the block."""

from collections.abc import Generator
from dataclasses import dataclass, field
from math import inf
from typing import Literal, NamedTuple, TypeAlias

from testbed.results.record import RequestRecord


@dataclass(frozen=True, slots=True)
class Rules:
    """How requests of a block are timed. closed: each waits for the end of the one before.

    fallback_after_s: so long the edge waits before it gives its own answer; inf: it never does.
    """

    deadline_s: float
    timeout_s: float
    closed: bool = True
    fallback_after_s: float = inf


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a request carries: an image's number in the data set, its true classes (maybe none)."""

    number: int
    labels: dict[str, int]


@dataclass(slots=True)
class Compute:
    """Do one stage of a request's work now, and nothing else until the device has done it.

    fallback: what is left of the whole network, whose head may have been computed. The driver fills
    in, after whatever ends with an answer, classes; after encoding the record's payload_up_bytes;
    after the head kept, whatever it may go on from, and gets that back with the fallback (None
    where there was no head).
    """

    stage: Literal["head", "encode", "fallback"] = "head"
    record: RequestRecord = field(init=False)
    classes: tuple[int, ...] = ()
    kept: object = None


class Asked(NamedTuple):
    """A request of which the server was asked. kept: see `Compute`."""

    record: RequestRecord
    kept: object


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
