"""Which blocks were disturbed: their hosts took longer than the devices they stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from testbed.channel.survey import Interference, Tally
from testbed.halves.pacer import Stage
from testbed.results.wording import milliseconds

ATTEMPTS = 3
"""At a block in which a host was out of tolerance; the last one counts."""
ALWAYS_ALLOWED = 1
"""Overruns: among few stages a single moment would be more than any tolerance."""
OF_A_BLOCK = 5
"""So many times the tolerated share of a deployment's stages may be overruns in one of its blocks:
they do not come evenly. The share of its time is the same."""

Tallies: TypeAlias = Mapping[str, Mapping[Stage, Tally]]
"""Half -> stage -> how it went; only where the half stands for a device."""


@dataclass(frozen=True, slots=True)
class BlockHosts:
    """How both hosts did in one attempt at one block, without its warm-up.

    lasted_s: what its requests took in all, from due to answered.
    stages, meanwhile: of each half that stands for a device and could be asked.
    """

    deployment: str
    repeat: int
    attempt: int
    lasted_s: float
    stages: Tallies
    meanwhile: Mapping[str, Interference]


def pooled(blocks: Iterable[BlockHosts]) -> Tallies:
    """All of them together."""
    together: dict[str, dict[Stage, Tally]] = {}
    for block in blocks:
        for half, stages in block.stages.items():
            found = together.setdefault(half, {})
            for stage, tally in stages.items():
                found[stage] = found.get(stage, Tally()).plus(tally)
    return together


def disturbed(block: BlockHosts, tolerance: float) -> list[str]:
    """In what a block was disturbed, so that it has to be run again; as `excess`."""
    return excess(block.stages, block.lasted_s, tolerance, OF_A_BLOCK)


def excess(tallies: Tallies, lasted_s: float, tolerance: float, times: float = 1.0) -> list[str]:
    """In what hosts were out of tolerance, a line a half, told of the stage that was late by most.

    tolerance: the share of the time that all requests took, `lasted_s`, that a half may be late in
    all; and, `times` as large, of a half's stages that may be overruns.
    """
    lines = []
    for half, stages in tallies.items():
        total = Tally()
        for tally in stages.values():
            total = total.plus(tally)
        allowed = max(ALWAYS_ALLOWED, times * tolerance * total.stages)
        if total.overruns > allowed or total.overrun_s > tolerance * lasted_s:
            stage, worst = max(stages.items(), key=lambda item: item[1].overrun_s)
            late = milliseconds(worst.overrun_s * 1e3)
            lines.append(
                f"{half} {stage}: {worst.overruns} of {worst.stages} took the host longer than the "
                f"device, by {late} in all"
            )
    return lines
