"""A record of every packet offered to a link and what became of it.

The file describes itself: its first line is a JSON object with format, version, units and columns
(numpy type strings, in the order they lie in), and after it come records of that layout until the
end. A file cut short by a kill is read up to its last whole record.
"""

import json
from collections.abc import Callable
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np

from emulation.errors import SpecError
from emulation.lane import Lane

FORMAT = "emulation packet log"
VERSION = 1
COLUMNS = (
    ("time_s", "<f8"),
    ("departs_at_s", "<f8"),
    ("size_bytes", "<u4"),
    ("direction", "|u1"),
    ("verdict", "|u1"),
)
UNITS = {
    "time_s": "seconds since the link was opened, when the packet was offered",
    "departs_at_s": "same clock, when it leaves at the far end; nan if it does not",
    "size_bytes": "of the IP packet",
    "direction": "0 uplink (edge to server), 1 downlink",
    "verdict": "0 carried, 1 lost at random, 2 found the queue full",
}
UPLINK, DOWNLINK = 0, 1
CARRIED, LOST, OVERFLOWED = 0, 1, 2

_RECORD = Struct("<ddIBB")
_BUFFER_BYTES = 1 << 20
_NAN = float("nan")

Offer: TypeAlias = Callable[[float, int, bytes], float | None]
Packets: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.void]]


class PacketLog:
    """Writes a packet log; times are given on the caller's clock. Raises OSError."""

    def __init__(self, path: Path, opened_s: float) -> None:
        self._opened_s = opened_s
        self._file = path.open("wb", buffering=_BUFFER_BYTES)
        header = {"format": FORMAT, "version": VERSION, "units": UNITS, "columns": COLUMNS}
        self._file.write(json.dumps(header).encode("ascii") + b"\n")

    def watch(self, lane: Lane[bytes], direction: int) -> Offer:
        """The lane's `offer`, with every call written down."""
        opened_s, write, pack, offer = self._opened_s, self._file.write, _RECORD.pack, lane.offer

        def logged(now_s: float, size_bytes: int, item: bytes) -> float | None:
            lost_before = lane.lost_packets
            departs_s = offer(now_s, size_bytes, item)
            if departs_s is not None:
                ends_s, verdict = departs_s - opened_s, CARRIED
            else:
                ends_s, verdict = _NAN, LOST if lane.lost_packets > lost_before else OVERFLOWED
            write(pack(now_s - opened_s, ends_s, size_bytes, direction, verdict))
            return departs_s

        return logged

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def read_packet_log(path: Path) -> Packets:
    """All packets, one a row, with the columns the file names. Raises SpecError, OSError."""
    first, _, records = path.read_bytes().partition(b"\n")
    header = _header(path, first)
    layout = np.dtype([(name, kind) for name, kind in header["columns"]])
    return np.frombuffer(records, layout, count=len(records) // layout.itemsize)


def _header(path: Path, line: bytes) -> dict[str, Any]:
    try:
        header = json.loads(line)
    except ValueError:
        header = None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise SpecError(f"packet log {path}: found another kind of file, allowed: {FORMAT!r}")
    if header.get("version") != VERSION:
        raise SpecError(
            f"packet log {path}: found version {header.get('version')}, allowed: {VERSION}"
        )
    return header
