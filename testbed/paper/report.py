"""What a study hands in, and how it is written: CSV, figures, Markdown, provenance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.markdown import table_lines
from testbed.paper.verdict import Verdict
from testbed.storage.folders import write_folder
from testbed.storage.strict_json import dumps
from testbed.wording import UNKNOWN

PROVENANCE = "provenance.json"


@dataclass(frozen=True)
class Table:
    """name: of the CSV file, without its ending. frame: tidy. caption: one sentence.

    shown: what the Markdown shows instead of the whole frame when that is long; None shows `frame`.
    """

    name: str
    frame: pd.DataFrame
    caption: str
    shown: pd.DataFrame | None = None


@dataclass(frozen=True)
class Drawing:
    """A figure. name: of its files, without ending."""

    name: str
    figure: Figure
    caption: str


@dataclass(frozen=True)
class Report:
    """A finished study.

    name: of the Markdown file. provenance: plain values; what a reader needs to do it again.
    notes: paragraphs of Markdown between the figures and the provenance.
    """

    name: str
    title: str
    tables: Sequence[Table]
    drawings: Sequence[Drawing]
    verdicts: Sequence[Verdict]
    provenance: Mapping[str, Any]
    notes: Sequence[str] = ()


def save_report(report: Report, out: Path) -> None:
    """Write the folder `out`, whole or not at all.

    It holds `<table>.csv` of each table, each figure as PNG and SVG, `<report>.md` and
    `provenance.json`. Raises BadInput when `out` cannot be written or is not empty.
    """
    write_folder(lambda draft: _fill(draft, report), out)


def _fill(folder: Path, report: Report) -> None:
    for table in report.tables:
        table.frame.to_csv(folder / f"{table.name}.csv", index=False, lineterminator="\n")
    with style.applied():
        for drawing in report.drawings:
            style.write(drawing.figure, folder / drawing.name)
    (folder / PROVENANCE).write_text(dumps(report.provenance), encoding="utf-8")
    (folder / f"{report.name}.md").write_text(page(report), encoding="utf-8")


def page(report: Report) -> str:
    """The report as Markdown: what was found, the figures, the tables, how it was made."""
    parts = [
        f"# {report.title}",
        "## The paper's claims beside what was measured",
        *(_verdict(verdict) for verdict in report.verdicts),
        "## Figures",
        *(f"![{d.caption}]({d.name}.png)\n\n{d.caption}" for d in report.drawings),
        "## Tables",
        *(_table(table) for table in report.tables),
        *(["## Notes", *report.notes] if report.notes else []),
        "## How this was made",
        "\n".join(f"- {key}: {_plainly(value)}" for key, value in report.provenance.items()),
        f"All of it, for programs: [{PROVENANCE}]({PROVENANCE}).",
    ]
    return "\n\n".join(parts) + "\n"


def _verdict(verdict: Verdict) -> str:
    return "\n".join(
        (
            f"**{verdict.claim}** ({verdict.source})",
            "",
            f"- published: {verdict.published}",
            f"- measured: {verdict.measured}",
            f"- verdict: ***{verdict.holds}***",
            f"- why: {verdict.why}",
        )
    )


def _table(table: Table) -> str:
    shown = table.frame if table.shown is None else table.shown
    return "\n".join((f"{table.caption} ({table.name}.csv)", "", *table_lines(shown)))


def _plainly(value: Any) -> str:
    """A value of the provenance on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plainly(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plainly(item) for item in value)
    return UNKNOWN if value is None else str(value)
