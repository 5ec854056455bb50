"""From a table of rates, as measurement campaigns publish them, to a trace of deliveries.

One row holds a rate, and with it the time from which on it held. Commas, tabs, semicolons or blanks
divide the columns; a line of names may come first; lines with # say nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emulation.errors import SpecError
from emulation.text import read_text
from emulation.trace import MAX_BYTES, MOST_DELIVERIES, PACKET_BITS, RateTrace

UNITS_BPS = {"mbit": 1e6, "kbit": 1e3, "bit": 1.0}
"""What a rate of 1 in a table means, in bits per second."""
MOST_APART_S = 60.0
"""Between rows, in the middle: where they are further apart, the times are in another unit."""
ROW_S = 1.0
"""How long a row without a time lasts."""
_DIVIDERS = "\t,;"
_MOMENTS: tuple[Callable[[str], datetime], ...] = (
    datetime.fromisoformat,
    lambda cell: datetime.strptime(cell, "%Y.%m.%d_%H.%M.%S"),
)
"""How moments are written: ISO 8601, and as G-NetTrack does, with which UCC's tables were made."""
_SHOWN = 40
"""Characters of a bad cell worth repeating in a message."""
_ALLOWED = "a table of rates, with or without times before them"

_ROUNDING = 1e-6
"""Of a packet or a millisecond: what sums of many rows may be off by."""

Values = NDArray[np.float64]


class Columns(NamedTuple):
    """Which columns hold what: a name of the first line, or a number from 1.

    rate None: the second of two, or the only one. time None: the first of two, or none.
    """

    rate: str | None = None
    time: str | None = None


AS_USUAL = Columns()


class RateTable(NamedTuple):
    """Rates in bits per second: row i holds from edges_s[i], the first 0, to edges_s[i + 1]."""

    edges_s: Values
    rates_bps: Values


def read_rates(path: Path, columns: Columns = AS_USUAL, unit_bps: float = 1e6) -> RateTable:
    """The rates in a file. The last row holds as long as rows usually do; of rows with the same
    time, the last one counts.

    unit_bps: of the rates in the file. Raises SpecError naming file, line, what was found and what
    is allowed.
    """
    rows = _rows(path)
    _, first = rows[0]
    names = [] if any(_number(cell) is not None for cell in first) else first
    rate_at, time_at = _places(path, columns, names, len(first))
    rates: list[float] = []
    starts_s: list[float] = []
    places: list[str] = []
    for line, cells in rows[1:] if names else rows:
        at = f"{path}, line {line}"
        row_s = ROW_S * len(places)
        places.append(at)
        rates.append(_rate(at, _cell(at, cells, rate_at)) * unit_bps)
        starts_s.append(row_s if time_at is None else _time_s(at, _cell(at, cells, time_at)))
    if not rates:
        raise SpecError(f"{path}: found names of columns alone, allowed: {_ALLOWED}")
    return RateTable(_edges(places, np.array(starts_s)), np.array(rates))


def trace_of(table: RateTable, name: str) -> RateTrace:
    """Deliveries that carry as much at any moment as the table does.

    A millisecond for each time a full packet has come together, the first millisecond at which it
    has. A trace begins anew at its last line, so the end of the table is one more line where no
    packet is full just then: an outage at the end stays as long as it was.

    Raises SpecError for a table without a rate above 0, and for one that carries too much.
    """
    edges_s, rates_bps = table
    carried = np.concatenate([[0.0], np.cumsum(rates_bps * np.diff(edges_s))])
    packets = carried[-1] / PACKET_BITS + _ROUNDING
    if packets < 1:
        raise SpecError(f"{name}: found less than one packet in all, allowed: rates above 0")
    if packets > MOST_DELIVERIES:
        raise SpecError(
            f"{name}: found {packets:.3g} packets in {edges_s[-1]:g} s, "
            f"allowed: up to {MOST_DELIVERIES}; take a part of the table"
        )
    count = int(packets)
    full = np.minimum(PACKET_BITS * np.arange(1, count + 1), carried[-1])
    row = np.searchsorted(carried[1:], full)
    at_s = edges_s[row] + (full - carried[row]) / rates_bps[row]
    at_ms = np.ceil(at_s * 1000 - _ROUNDING).astype(np.int64)
    end_ms = max(1, round(float(edges_s[-1]) * 1000))
    padding = [end_ms] if at_ms[-1] < end_ms else []
    return RateTrace(name, (*at_ms.tolist(), *padding))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The number of each line that says something, and its cells. Raises SpecError."""
    try:
        lines = read_text(path, MAX_BYTES).splitlines()
    except UnicodeDecodeError:
        raise SpecError(f"{path}: found bytes that are no text, allowed: {_ALLOWED}") from None
    except OSError as error:
        raise SpecError(f"{path}: found {error.strerror}, allowed: {_ALLOWED}") from error
    saying = [
        (number, line)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not saying:
        raise SpecError(f"{path}: found no row, allowed: {_ALLOWED}")
    divider = next((mark for mark in _DIVIDERS if mark in saying[0][1]), None)
    return [(number, _cells(line, divider)) for number, line in saying]


def _cells(line: str, divider: str | None) -> list[str]:
    if divider is None:
        return line.split()
    return [cell.strip().strip('"') for cell in line.split(divider)]


def _places(
    path: Path, columns: Columns, names: Sequence[str], width: int
) -> tuple[int, int | None]:
    """Which cells of a row are the rate and the time. Raises SpecError."""
    offered = f"1 to {width}" + (f" or a name: {', '.join(names)}" if names else "")

    def place(column: str, option: str) -> int:
        if column in names:
            return names.index(column)
        if not column.isdecimal() or not 1 <= int(column) <= width:
            raise SpecError(f"{path}: {option}: found {column!r}, allowed: {offered}")
        return int(column) - 1

    if columns.rate is None and width > 2:
        raise SpecError(f"{path}: found {width} columns, allowed: --rate-column with {offered}")
    rate_at = width - 1 if columns.rate is None else place(columns.rate, "--rate-column")
    if columns.time is not None:
        return rate_at, place(columns.time, "--time-column")
    return rate_at, 0 if width == 2 and rate_at == 1 else None


def _cell(at: str, cells: Sequence[str], place: int) -> str:
    if place >= len(cells):
        raise SpecError(f"{at}: found {len(cells)} columns, allowed: {place + 1} or more")
    return cells[place]


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _rate(at: str, cell: str) -> float:
    rate = _number(cell)
    if rate is None or rate < 0:
        raise SpecError(f"{at}: found {cell[:_SHOWN]!r}, allowed: a rate, 0 or more")
    return rate


def _time_s(at: str, cell: str) -> float:
    """Seconds, or a moment as seconds."""
    if (seconds := _number(cell)) is not None:
        return seconds
    for read in _MOMENTS:
        with suppress(ValueError):
            moment = read(cell)
            return (moment - datetime(1970, 1, 1, tzinfo=moment.tzinfo)).total_seconds()
    raise SpecError(
        f"{at}: found {cell[:_SHOWN]!r}, allowed: seconds, or a moment such as 2019-12-14 10:16:30"
    )


def _edges(places: Sequence[str], starts_s: Values) -> Values:
    """Where rows begin, from 0, and where the last one ends. places: of the rows, for errors."""
    apart_s = np.diff(starts_s)
    if (apart_s < 0).any():
        at = places[int(np.argmax(apart_s < 0)) + 1]
        raise SpecError(
            f"{at}: found a time before that of the row above, allowed: times that never "
            "decrease; of several runs in one file, a file each"
        )
    later_s = apart_s[apart_s > 0]
    usual_s = float(np.quantile(later_s, 0.5, method="lower")) if later_s.size else ROW_S
    if usual_s > MOST_APART_S:
        raise SpecError(
            f"{places[0]}: found rows {usual_s:g} s apart, allowed: up to {MOST_APART_S:g} s; "
            "times are seconds"
        )
    edges_s: Values = np.append(starts_s, starts_s[-1] + usual_s) - starts_s[0]
    return edges_s
