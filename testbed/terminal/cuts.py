"""Every cut of a network as tables: for people, and with plain numbers for a file."""

from collections.abc import Sequence
from math import inf

import pandas as pd
from rich.table import Table

from testbed.choice.cuts import Cut, Times
from testbed.results.wording import UNKNOWN, size
from testbed.terminal.choices import half, time_ms
from testbed.terminal.plain import plain_table


def cuts_table(rows: Sequence[Cut], title: str) -> Table:
    """A row a cut, the published one and the fastest marked."""
    table = plain_table(
        title,
        "uncoded, coded: bytes that cross, mean; edge, server: ms on the devices, coding included; "
        "mean: ms in virtual time over the link, \N{PLUS-MINUS SIGN} half of its 95 % interval; "
        "memory: of the edge's part; p: the published cut; *: the fastest",
    )
    table.add_column("cut", no_wrap=True)
    table.add_column("shape", no_wrap=True)
    for heading in ("uncoded", "coded", "edge", "server", "mean", "\N{PLUS-MINUS SIGN}", "memory"):
        table.add_column(heading, justify="right", no_wrap=True)
    best = fastest(rows)
    for row in rows:
        marks = ("p" if row.published else "") + ("*" if row is best else "")
        table.add_row(
            f"{row.name} {marks}",
            shape_of(row) or UNKNOWN,
            _size(row.uncoded_bytes),
            _size(row.payload_bytes),
            *_times(row.times),
            size(row.memory_bytes),
            style="bold" if row is best else "",
        )
    return table


def bytes_table(rows: Sequence[Cut]) -> Table:
    """What each codec makes of what crosses at each cut."""
    table = plain_table("bytes that cross, mean")
    table.add_column("cut", no_wrap=True)
    labels = labels_of(rows)
    for heading in ("uncoded", *labels):
        table.add_column(heading, justify="right", overflow="fold")
    for row in rows:
        if row.shape:
            coded = (row.coded_bytes.get(label) for label in labels)
            cells = ("" if found is None else size(found) for found in coded)
            table.add_row(row.name, size(row.uncoded_bytes), *cells)
    return table


def cuts_frame(rows: Sequence[Cut]) -> pd.DataFrame:
    """Columns: cut, published, shape (576x2x2), uncoded_bytes, for each codec bytes_CODEC, edge_s,
    server_s, mean_s with mean_low_s and mean_high_s (95 %), edge_bytes (of the edge's part of the
    network). What is unknown is left out.
    """
    labels = labels_of(rows)
    return pd.DataFrame([_plain(row, labels) for row in rows])


def fastest(rows: Sequence[Cut]) -> Cut | None:
    """None where no times are known, or every cut loses too much of what it sends."""
    timed = [(row.times.mean_s, place) for place, row in enumerate(rows) if row.times]
    mean_s, place = min(timed, default=(inf, 0))
    return rows[place] if mean_s < inf else None


def labels_of(rows: Sequence[Cut]) -> list[str]:
    """All codecs by which something crosses, images' first."""
    return list(dict.fromkeys(label for row in rows for label in row.coded_bytes))


def shape_of(row: Cut) -> str:
    """Such as 576x2x2, without the batch of one; empty where nothing crosses."""
    return "x".join(map(str, row.shape)).removeprefix("1x")


def _size(byte_count: float) -> str:
    return size(byte_count) if byte_count else UNKNOWN


def _times(times: Times | None) -> list[str]:
    if times is None:
        return [UNKNOWN] * 4
    spread = UNKNOWN if times.mean_s == inf else half(times.ci95_s)
    return [*(time_ms(time_s) for time_s in times[:3]), spread]


def _plain(row: Cut, labels: Sequence[str]) -> dict[str, object]:
    plain: dict[str, object] = {
        "cut": row.name,
        "published": row.published,
        "shape": shape_of(row),
        "uncoded_bytes": row.uncoded_bytes,
        **{f"bytes_{label}": row.coded_bytes.get(label) for label in labels},
    }
    edge_s, server_s, mean_s, (low_s, high_s) = row.times or (None, None, None, (None, None))
    times = {"edge_s": edge_s, "server_s": server_s, "mean_s": mean_s}
    return (
        plain
        | times
        | {"mean_low_s": low_s, "mean_high_s": high_s}
        | {"edge_bytes": row.memory_bytes}
    )
