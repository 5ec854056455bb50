"""The verdicts of a report on a terminal."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from testbed.paper.report import Report
from testbed.paper.verdict import Verdict

COLOURS = {"holds": "green", "does not hold": "bold red", "not testable here": "yellow"}


def print_verdicts(console: Console, report: Report) -> None:
    """Each claim, what was published, what was measured, and whether it holds."""
    for verdict in report.verdicts:
        for line in _lines(verdict):
            console.print(line)
        console.print()


def _lines(verdict: Verdict) -> list[Text | Padding]:
    facts = (
        ("published", verdict.published),
        ("measured", verdict.measured),
        ("why", verdict.why),
    )
    return [
        Text.assemble((verdict.holds, COLOURS[verdict.holds]), f": {verdict.claim}"),
        *(Padding(Text(f"{key}: {value}"), (0, 0, 0, 2)) for key, value in facts),
        Padding(Text(verdict.source, style="dim"), (0, 0, 0, 2)),
    ]
