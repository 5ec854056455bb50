"""A published claim beside what was measured here, and how that is shown on a terminal.

What would have confirmed a claim and what would have refuted it is part of the claim, so it stands
before anything is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

Word = Literal["holds", "does not hold", "undertrained", "undecided", "not testable here"]

COLOURS: Mapping[Word, str] = {
    "holds": "green",
    "does not hold": "bold red",
    "undertrained": "yellow",
    "undecided": "yellow",
    "not testable here": "yellow",
}
"""Every word that is said of a claim. Undertrained: networks had not learnt enough to be compared,
whatever the numbers say; undecided: the numbers reach both ways."""


@dataclass(frozen=True)
class Claim:
    """text: the claim in our words. source: where it stands. published: its figures, as printed.

    confirmed_by, refuted_by: what measurement would do so.
    """

    text: str
    source: str
    published: str
    confirmed_by: str
    refuted_by: str


@dataclass(frozen=True)
class Verdict:
    """found: our figures. why: the reasoning. sure: how sure that is, and of what it is not."""

    claim: Claim
    found: str
    word: Word
    why: str
    sure: str

    def plain(self) -> dict[str, str]:
        """All of it by name, for files."""
        own = {key: value for key, value in asdict(self).items() if key != "claim"}
        claim = asdict(self.claim)
        return {"claim": claim.pop("text"), **claim, **own}


LINES: Mapping[str, str] = {
    "published": "published",
    "confirmed_by": "would confirm it",
    "refuted_by": "would refute it",
    "found": "found",
    "sure": "how sure",
    "why": "why",
    "source": "source",
}
"""What is said of a claim below its verdict, key by key, and in words."""


def held(confirmed: bool, refuted: bool) -> Word:
    """The word where both can be told; neither is undecided."""
    if confirmed == refuted:
        return "undecided"
    return "holds" if confirmed else "does not hold"


def rehearsed(claim: Claim, found: str) -> Verdict:
    """What a rehearsal says of a claim: nothing."""
    why = "a rehearsal: too few steps (--quick)"
    return Verdict(claim, found, "not testable here", why, "not at all")


def print_verdicts(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Each claim and its verdict, and what that rests on."""
    for verdict in verdicts:
        console.print(
            Text.assemble((verdict.word, COLOURS[verdict.word]), f": {verdict.claim.text}")
        )
        said = verdict.plain()
        for key, words in LINES.items():
            line = Text(f"{words}: {said[key]}", style="dim" if key == "source" else "")
            console.print(Padding(line, (0, 0, 0, 2)))
        console.print()
