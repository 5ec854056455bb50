"""Rate traces in Mahimahi's packet-delivery format.

One integer a line: a millisecond at which one MTU-sized packet (1504 bytes, of which 4 are
mm-link's TUN header) may be delivered; the schedule repeats from its last line's time. Source:
mm-link(1), Netravali et al., "Mahimahi: Accurate Record-and-Replay for HTTP", USENIX ATC 2015.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from emulation.errors import SpecError
from emulation.text import read_text

DELIVERY_BYTES = 1504
"""Bytes one delivery opportunity carries (Mahimahi's PACKET_SIZE)."""
HEADER_BYTES = 4
"""Of these, what each packet spends on the TUN header."""
PACKET_BITS = (DELIVERY_BYTES - HEADER_BYTES) * 8
"""A full packet at the IP layer."""

MOST_DELIVERIES = 10_000_000
"""Ten minutes of 200 Mbit/s; more than that takes gigabytes of memory."""
MAX_BYTES = 10 * MOST_DELIVERIES
"""Of a file."""
FORMAT = "whole milliseconds, one a line, that never decrease (Mahimahi's format)"
IMPORTED = "`testbed trace import` makes such a file of a table of rates"

_SHOWN = 40
"""Characters of a bad line worth repeating in a message."""
_MOST_DIGITS = 15
"""More milliseconds than this are thirty thousand years."""


@dataclass(frozen=True, slots=True)
class RateTrace:
    """Delivery opportunities within one period.

    name: what to call it in results. delivery_ms: non-decreasing milliseconds, 0 or more, the
    last one above 0. Raises SpecError for anything else.
    """

    name: str
    delivery_ms: tuple[int, ...]

    def __post_init__(self) -> None:
        _check(self.name, self.delivery_ms)

    @property
    def period_ms(self) -> int:
        """Length of one pass through the trace: its last entry."""
        return self.delivery_ms[-1]

    @property
    def mean_rate_bps(self) -> float:
        """Bits per second over one whole period, of full packets at the IP layer."""
        return len(self.delivery_ms) * PACKET_BITS / (self.period_ms / 1000)


def load_trace(path: Path) -> RateTrace:
    """The trace in `path`, named after the file. Raises SpecError naming file and line."""
    try:
        lines = read_text(path, MAX_BYTES).rstrip().splitlines()
    except UnicodeDecodeError:
        raise SpecError(f"trace {path}: found bytes that are no text, allowed: {FORMAT}") from None
    except OSError as error:
        raise SpecError(f"trace {path}: found {error.strerror}, allowed: {FORMAT}") from error
    delivery_ms = tuple(_milliseconds(path, number, line) for number, line in enumerate(lines, 1))
    _check(str(path), delivery_ms)
    return RateTrace(path.stem, delivery_ms)


def save_trace(trace: RateTrace, path: Path) -> None:
    """Write `trace` in the same format. Raises OSError."""
    path.write_text(trace_text(trace), encoding="ascii")


def trace_text(trace: RateTrace) -> str:
    """What a file of `trace` holds."""
    return "".join(f"{at_ms}\n" for at_ms in trace.delivery_ms)


def _milliseconds(path: Path, number: int, line: str) -> int:
    found = line.strip()
    if not (found.isascii() and found.isdecimal()) or len(found) > _MOST_DIGITS:
        raise SpecError(
            f"trace {path}, line {number}: found {found[:_SHOWN]!r}, allowed: {FORMAT}; {IMPORTED}"
        )
    return int(found)


def _check(name: str, delivery_ms: Sequence[int]) -> None:
    """Raise SpecError unless these can be one period of deliveries."""
    if not delivery_ms:
        raise SpecError(f"trace {name}: found no delivery, allowed: at least one; {FORMAT}")
    for number, (before, at_ms) in enumerate(pairwise((0, *delivery_ms)), start=1):
        if at_ms < before:
            raise SpecError(
                f"trace {name}, line {number}: found {at_ms} after {before}, allowed: {FORMAT}; "
                f"{IMPORTED}"
            )
    if delivery_ms[-1] == 0:
        raise SpecError(
            f"trace {name}, line {len(delivery_ms)}: found 0, "
            f"allowed: above 0, for the last line is the period; {FORMAT}"
        )
