"""`testbed trace ...`: what can be typed after it."""

from pathlib import Path
from typing import Annotated

import typer

from testbed.commands.of_scenario import option

app = typer.Typer(name="trace", help="Rate traces for links: import.")


@app.callback()
def _group() -> None:
    """Keeps `import` a word of its own while it is the only one."""


@app.command("import")
def import_table(
    table: Annotated[
        Path, typer.Argument(metavar="FILE", help="rates, a row each second or with times")
    ],
    out: Annotated[Path, option("FILE", "the trace to write", default=False)],
    rate_column: Annotated[
        str | None,
        option("NAME", "or number of the rates' column", default="the second of two, or the only"),
    ] = None,
    time_column: Annotated[
        str | None,
        option("NAME", "or number of the times' column", default="the first of two, or none"),
    ] = None,
    unit: Annotated[str, option("UNIT", "of the rates: mbit, kbit or bit a second")] = "mbit",
) -> None:
    """Make a trace, in Mahimahi's format, of a table of rates (CSV, TSV or blanks)."""
    from testbed.commands.trace import import_rates

    import_rates(table, out, rate_column, time_column, unit)
