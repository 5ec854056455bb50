"""What a script is to come to: how each of its requests ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from tests.testbed.lifecycle.scripted import Script


@dataclass(frozen=True)
class Ended:
    """How a request ended: its index, when it was issued and answered, why the server's answer was
    not to be had, and when the edge turned to its own."""

    index: int
    issued_s: float
    answered_s: float = nan
    fault: str = ""
    late: bool = False
    fell_back_s: float = nan


@dataclass(frozen=True)
class Case:
    script: Script
    ended: Sequence[Ended]
    strays: int = 0
