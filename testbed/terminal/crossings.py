"""The crossovers of a sweep as a table on the terminal; the numbers are `figures.crossings`'."""

from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from testbed.terminal.tables import plain_table
from testbed.wording import digits

MEGA = 1e6
NONE = "no crossovers: at every rate the deployments come in the same order"


def print_crossings(console: Console, table: pd.DataFrame) -> None:
    """Print a row a crossover, those in bold at which the fastest deployment changes.

    table: from `crossings.crossings_of`.
    """
    if table.empty:
        console.print(Text(NONE))
        return
    further = list(table.columns[: list(table.columns).index("faster_below")])
    shown = plain_table(
        "Crossovers",
        "*: the fastest of all changes; interval: 95 %, open where the sweep ends first",
    )
    for name in further:
        shown.add_column(name, justify="right")
    shown.add_column("faster below")
    shown.add_column("faster above")
    for heading in ("Mbit/s", "interval", "ms"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("")
    for row in table.to_dict("records"):
        fastest = bool(row["fastest"])
        shown.add_row(
            *(f"{row[name]:g}" if isinstance(row[name], float) else row[name] for name in further),
            row["faster_below"],
            row["faster_above"],
            digits(row["rate_bps"] / MEGA),
            _interval(row["rate_low_bps"], row["rate_high_bps"]),
            digits(row["latency_ms"]),
            "*" if fastest else "",
            style="bold" if fastest else "",
        )
    console.print(shown)


def _interval(low: Any, high: Any) -> str:
    """3.10..4.25; an end that is missing is left open."""
    ends = ("" if pd.isna(end) else digits(end / MEGA) for end in (low, high))
    return "..".join(ends)
