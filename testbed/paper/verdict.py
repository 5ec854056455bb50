"""A published claim beside what was measured here."""

from dataclasses import dataclass
from typing import Literal

from testbed.paper.claims import Claim

Holds = Literal["holds", "does not hold", "not testable here"]


@dataclass(frozen=True)
class Verdict:
    """claim, source, published: as in `claims.Claim`. measured: our figures. why: the reasoning."""

    claim: str
    source: str
    published: str
    measured: str
    holds: Holds
    why: str


def judge(claim: Claim, *, measured: str, held: bool | None, why: str) -> Verdict:
    """The verdict on a claim; `held` is what the figures say, None when they cannot say."""
    return Verdict(claim.text, claim.source, claim.published, measured, _word(held), why)


def _word(held: bool | None) -> Holds:
    if held is None:
        return "not testable here"
    return "holds" if held else "does not hold"
