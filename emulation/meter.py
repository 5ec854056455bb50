"""How many bytes crossed the link so far, read cheaply at the edge end.

A meter is named by a URI, so that a half started at an endpoint can open the one of its link:
`mmap:PATH` (two little-endian uint64 kept by the link process: up, down),
`netdev:NAME` (an interface in the reader's own network namespace), or `none`.
"""

import mmap
import struct
from pathlib import Path
from typing import Protocol

from emulation.errors import SpecError

ETHERNET_HEADER_BYTES = 14
COUNTERS = struct.Struct("<QQ")


class Meter(Protocol):
    """Reads (bytes sent up, bytes received down) at the IP layer, or None when unknown."""

    def read(self) -> tuple[int, int] | None:
        """Cumulative IP-layer bytes since the link was opened."""
        ...


class NoMeter:
    """For a link we do not own (two real machines): wire bytes are unknown, not zero."""

    def read(self) -> None:
        """Nothing is known."""
        return


class MmapMeter:
    """Counters shared by the link process through a 16-byte file."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), COUNTERS.size, access=mmap.ACCESS_READ)

    def read(self) -> tuple[int, int]:
        """Cumulative (up, down) bytes."""
        up, down = COUNTERS.unpack_from(self._map)
        return up, down


class NetdevMeter:
    """A network interface's own counters, less the Ethernet headers that IP does not see."""

    def __init__(self, name: str, header_bytes: int = ETHERNET_HEADER_BYTES) -> None:
        self._prefix = f"{name}:"
        self._header_bytes = header_bytes

    def read(self) -> tuple[int, int] | None:
        """Cumulative (sent, received) IP bytes of the interface; None where it is gone.

        It goes with the process that carries its packets, and whoever measures goes on.
        """
        for line in Path("/proc/self/net/dev").read_text(encoding="ascii").splitlines():
            name, _, rest = line.strip().partition(" ")
            if name == self._prefix:
                fields = [int(value) for value in rest.split()]
                down = fields[0] - self._header_bytes * fields[1]
                up = fields[8] - self._header_bytes * fields[9]
                return up, down
        return None


def open_meter(uri: str) -> Meter:
    """The meter `uri` names. Raises SpecError for a URI of no known kind."""
    kind, _, rest = uri.partition(":")
    if kind == "none":
        return NoMeter()
    if kind == "mmap":
        return MmapMeter(Path(rest))
    if kind == "netdev":
        name, _, header = rest.partition(",")
        return NetdevMeter(name, int(header) if header else ETHERNET_HEADER_BYTES)
    raise SpecError(f"meter: found {uri!r}, allowed: mmap:PATH, netdev:NAME[,HEADER_BYTES], none")
