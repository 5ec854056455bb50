"""The table of crossovers as a person sees it."""

import io

import pandas as pd
from rich.console import Console

from testbed.figures.latency_curves import COLUMNS
from testbed.terminal.tables import NO_CROSSINGS, print_crossings


def printed(rows: list[dict[str, object]], columns: tuple[str, ...] = COLUMNS) -> str:
    console = Console(file=io.StringIO(), width=80)
    print_crossings(console, pd.DataFrame(rows, columns=list(columns)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def row(**changes: object) -> dict[str, object]:
    values = ("local", "remote-jpeg-q90-resized", 8.21e6, 7.9e6, None, 101.5, True, 7e6, 9e6, 1.5)
    return dict(zip(COLUMNS, values, strict=True)) | changes


def test_a_row_says_who_where_and_how_surely() -> None:
    text = printed([row(), row(fastest=False, rate_high_bps=9.1e6, sensitivity=12.0)])
    first, second = (line for line in text.splitlines() if "remote-jpeg-q90-resized" in line)
    assert first.split() == ["local", "remote-jpeg-q90-resized", "8.21", "7.90..", "102", "*"]
    assert second.split() == ["local", "remote-jpeg-q90-resized", "8.21", "7.90..9.10", "102", "~"]


def test_further_axes_come_first() -> None:
    text = printed([row(rtt_ms=20.0)], ("rtt_ms", *COLUMNS))
    (line,) = (line for line in text.splitlines() if "local" in line)
    assert line.split()[0] == "20"


def test_none_is_said_in_words() -> None:
    assert printed([]).strip() == NO_CROSSINGS
