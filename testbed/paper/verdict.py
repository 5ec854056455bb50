"""A published claim beside what was measured here, and how that is shown on a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

HOLDS: Mapping[bool | None, tuple[str, str]] = {
    True: ("holds", "green"),
    False: ("does not hold", "bold red"),
    None: ("not testable here", "yellow"),
}
"""What is said of a claim, and its colour."""


@dataclass(frozen=True)
class Claim:
    """text: the claim in our words. source: where it stands. published: its figures, as printed."""

    text: str
    source: str
    published: str


@dataclass(frozen=True)
class Verdict:
    """measured: our figures. held: what they say of the claim, None when they cannot say.

    why: the reasoning.
    """

    claim: Claim
    measured: str
    held: bool | None
    why: str

    @property
    def holds(self) -> str:
        """`held` in words."""
        return HOLDS[self.held][0]


def rehearsed(claim: Claim, measured: str) -> Verdict:
    """What a rehearsal says of a claim: nothing."""
    return Verdict(claim, measured, None, "a rehearsal: too few steps (--quick)")


def print_verdicts(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Each claim, what was published, what was measured, and whether it holds."""
    for verdict in verdicts:
        claim = verdict.claim
        console.print(Text.assemble(HOLDS[verdict.held], f": {claim.text}"))
        for line in (
            Text(f"published: {claim.published}"),
            Text(f"measured: {verdict.measured}"),
            Text(f"why: {verdict.why}"),
            Text(claim.source, style="dim"),
        ):
            console.print(Padding(line, (0, 0, 0, 2)))
        console.print()
