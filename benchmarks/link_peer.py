"""Mahimahi's mm-delay and mm-link as a peer, where they are installed.

They wrap a command: it runs behind the emulated link and finds the outside at $MAHIMAHI_BASE.
Syntax: `mm-delay MILLISECONDS COMMAND`, `mm-link UP DOWN [OPTION]... [COMMAND]`, `mm-loss
uplink|downlink SHARE COMMAND`. They want to be started by an ordinary user.
"""

import os
import shutil
from math import gcd
from pathlib import Path

from benchmarks.link_cells import Cell
from benchmarks.link_instruments import Ends
from emulation.trace import DELIVERY_BYTES, HEADER_BYTES, RateTrace, save_trace

NAME = "mahimahi"
PROGRAMS = ("mm-link", "mm-delay", "mm-loss")
NOBODY = "65534"
_PACKET_BITS = (DELIVERY_BYTES - HEADER_BYTES) * 8
_LONGEST_PERIOD_MS = 60_000


def available() -> bool:
    """Whether the programs can be found."""
    return all(shutil.which(program) for program in PROGRAMS)


def ends_for(cell: Cell, folder: Path) -> Ends:
    """Ends that put every command at the edge behind a fresh link like `cell`.

    The trace of its rate is written to `folder`, which that user must be able to read.
    """
    trace = folder / f"{cell.rate_bps:.0f}.trace"
    save_trace(constant_rate(cell.rate_bps), trace)
    queue_bytes = cell.spec.uplink.queue_bytes
    prefix = [*_as_ordinary_user(), "mm-delay", f"{cell.delay_s * 1e3:.0f}"]
    if cell.loss:
        for way in ("uplink", "downlink"):
            prefix += ["mm-loss", way, f"{cell.loss:g}"]
    prefix += ["mm-link", str(trace), str(trace)]
    for way in ("uplink", "downlink"):
        prefix += [f"--{way}-queue=droptail", f"--{way}-queue-args=bytes={queue_bytes}"]
    return Ends("$MAHIMAHI_BASE", edge_prefix=(*prefix, "--"))


def constant_rate(rate_bps: float) -> RateTrace:
    """The shortest trace that carries exactly so many full packets; a whole number of bit/s."""
    packets, milliseconds = round(rate_bps), _PACKET_BITS * 1000
    common = gcd(packets, milliseconds)
    packets, milliseconds = packets // common, milliseconds // common
    if milliseconds > _LONGEST_PERIOD_MS:
        raise ValueError(f"{rate_bps:g} bit/s takes a trace of {milliseconds} ms")
    at_ms = tuple(-(-index * milliseconds // packets) for index in range(1, packets + 1))
    return RateTrace(f"{rate_bps:.0f}", at_ms)


def _as_ordinary_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
