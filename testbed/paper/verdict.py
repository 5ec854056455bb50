"""A published claim beside what was measured here, and how that is shown on a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from testbed.paper.claims import Claim

Holds = Literal["holds", "does not hold", "not testable here"]
COLOURS: dict[Holds, str] = {
    "holds": "green",
    "does not hold": "bold red",
    "not testable here": "yellow",
}


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
    words: dict[bool | None, Holds] = {
        None: "not testable here",
        True: "holds",
        False: "does not hold",
    }
    return Verdict(claim.text, claim.source, claim.published, measured, words[held], why)


def rehearsed(claim: Claim, measured: str) -> Verdict:
    """What a rehearsal says of a claim: nothing."""
    why = "a rehearsal: too few steps (--quick)"
    return judge(claim, measured=measured, held=None, why=why)


def print_verdicts(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Each claim, what was published, what was measured, and whether it holds."""
    for verdict in verdicts:
        console.print(Text.assemble((verdict.holds, COLOURS[verdict.holds]), f": {verdict.claim}"))
        for key in ("published", "measured", "why"):
            console.print(Padding(Text(f"{key}: {getattr(verdict, key)}"), (0, 0, 0, 2)))
        console.print(Padding(Text(verdict.source, style="dim"), (0, 0, 0, 2)))
        console.print()
