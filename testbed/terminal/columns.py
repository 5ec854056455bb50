"""What the columns of a run's and of a sweep's table mean: the reference page."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from testbed.results.column import AGGREGATES, Column
from testbed.results.table import FIXED, PER_TASK
from testbed.sweep.columns import COLUMNS
from testbed.terminal.plain import plain_table

PAGES: dict[str, tuple[str, Sequence[Column]]] = {
    "requests.parquet": (
        "One row a request. Marks are seconds since its block began, on the edge's clock; NaN: "
        "never happened.",
        (*FIXED, *PER_TASK),
    ),
    "sweep.parquet": (
        "One row a point and deployment, over all repeats. Each key that the sweep varies is a "
        "column too, under its name in the scenario and in SI units.",
        COLUMNS,
    ),
}
HEADINGS = ("name", "unit", "type", "aggregate", "meaning")


def print_columns(console: Console) -> None:
    """Print a table for each file, a row a column."""
    for file, (about, columns) in PAGES.items():
        table = plain_table(file, about)
        for heading in HEADINGS:
            table.add_column(heading, overflow="fold")
        for column in columns:
            table.add_row(*map(Text, _cells(column)))
        console.print(table)
    console.print(*(f"{name}: {meaning}" for name, meaning in AGGREGATES.items()), sep="\n")


def columns_markdown() -> str:
    """The same as a page of Markdown."""
    lines = ["# Columns", "", "Printed by `testbed columns --markdown`."]
    for file, (about, columns) in PAGES.items():
        rows = (HEADINGS, ["---"] * len(HEADINGS), *map(_cells, columns))
        lines += ["", f"## {file}", "", about, "", *(f"| {' | '.join(row)} |" for row in rows)]
    lines += ["", "## Aggregates", ""]
    lines += [f"- {name}: {meaning}." for name, meaning in AGGREGATES.items()]
    return "\n".join(lines) + "\n"


def _cells(column: Column) -> tuple[str, ...]:
    return column.name, column.unit, column.type, column.aggregate.value, column.doc
