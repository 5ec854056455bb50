"""`testbed trace import`: a table of rates becomes a trace that a link can follow."""

import sys
from pathlib import Path

from emulation.trace import trace_text
from emulation.traces.table import UNITS_BPS, Columns, read_rates, trace_of
from testbed.errors import BadInput, nearest
from testbed.results.wording import rate
from testbed.storage.files import atomic_write, shown

NOT_CAPACITY = (
    "note: the throughput of a TCP connection, second by second, is not what the link could carry "
    "(slow start, losses and the server held it back); over such a trace they count twice"
)


def import_rates(
    table: Path, out: Path, rate_column: str | None, time_column: str | None, unit: str
) -> None:
    """Read, convert, write, and print the trace's path as the last line."""
    if unit not in UNITS_BPS:
        hint = nearest(unit.lower(), UNITS_BPS)
        raise BadInput(f"--unit: found {unit!r}{hint}, allowed: {', '.join(UNITS_BPS)}")
    trace = trace_of(
        read_rates(table, Columns(rate_column, time_column), UNITS_BPS[unit]), out.stem
    )
    atomic_write(out, trace_text(trace))
    sys.stderr.write(
        f"{len(trace.delivery_ms)} packets in {trace.period_ms / 1000:g} s, "
        f"{rate(trace.mean_rate_bps)} on average\n{NOT_CAPACITY}\n"
    )
    sys.stdout.write(f"{shown(out)}\n")
