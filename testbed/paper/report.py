"""What a study hands in, and how it is written: CSV, figures, Markdown, provenance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.verdict import LINES, Verdict
from testbed.results.wording import UNKNOWN
from testbed.storage.folders import write_folder
from testbed.storage.strict_json import dumps

PROVENANCE = "provenance.json"
VERDICTS = "verdicts.json"


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
    notes: Sequence[str] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)


def save_report(report: Report, out: Path) -> None:
    """Write the folder `out`, whole or not at all.

    It holds `<table>.csv` of each table, each figure as PNG and SVG, `<report>.md`, `verdicts.json`
    and `provenance.json`. Raises BadInput when `out` cannot be written or is not empty.
    """
    write_folder(lambda draft: _fill(draft, report), out)


def _fill(folder: Path, report: Report) -> None:
    for table in report.tables:
        table.frame.to_csv(folder / f"{table.name}.csv", index=False, lineterminator="\n")
    with style.applied():
        for drawing in report.drawings:
            style.write(drawing.figure, folder / drawing.name)
    verdicts = {"title": report.title, "verdicts": [each.plain() for each in report.verdicts]}
    (folder / VERDICTS).write_text(dumps(verdicts), encoding="utf-8")
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
        f"All of it, for programs: [{PROVENANCE}]({PROVENANCE}), [{VERDICTS}]({VERDICTS}).",
    ]
    return "\n\n".join(parts) + "\n"


def _verdict(verdict: Verdict) -> str:
    said = verdict.plain()
    lines = "\n".join(f"- {words}: {said[key]}" for key, words in LINES.items())
    return f"**{verdict.claim.text}**: ***{verdict.word}***\n\n{lines}"


def _table(table: Table) -> str:
    """Caption, header, alignment (numbers to the right) and one line a row."""
    frame = table.frame if table.shown is None else table.shown
    numeric = (pd.api.types.is_numeric_dtype(frame[column]) for column in frame)
    return "\n".join(
        (
            f"{table.caption} ({table.name}.csv)\n",
            _row(frame.columns),
            _row("---:" if right else ":---" for right in numeric),
            *(_row(values) for values in frame.itertuples(index=False, name=None)),
        )
    )


def _row(cells: Iterable[Any]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value).replace("|", "\\|").replace("\n", " ")


def _plainly(value: Any) -> str:
    """A value of the provenance on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plainly(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plainly(item) for item in value)
    return UNKNOWN if value is None else str(value)
