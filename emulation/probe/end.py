"""One end of a probe: `python -m emulation.probe.end`, run at an endpoint of the link.

Obeys one JSON object a line on standard input, with one a line on standard output: `bind` to an
address, `ping` a peer, send it a `train`, `report` what came of a train. Meanwhile it answers pings
and notes arrivals. Ends with its standard input.
"""

import os
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from select import select
from time import perf_counter, time
from typing import Any

from emulation.host.alarm import Alarm
from emulation.host.child import Commands, obey

PACKET = struct.Struct("!BxHI")
"""Kind, train, index; the least payload of a probe packet."""
PING, PONG, TRAIN = 1, 2, 3
BUFFER_BYTES = 4 * 2**20
LARGEST_BYTES = 65535
SEND_TIMEOUT_S = 0.1
SO_TIMESTAMPNS = 35
"""socket(7); the socket module does not name it."""
TIMESTAMP = struct.Struct("@ll")
STAMP_SPACE = socket.CMSG_SPACE(TIMESTAMP.size)

Address = tuple[str, int]


@dataclass(slots=True)
class Arrivals:
    """What came of one train."""

    indices: set[int] = field(default_factory=set)
    highest: list[int] = field(default_factory=list)
    """Of the indices so far, one an arrival."""
    times_s: list[float] = field(default_factory=list)
    reordered: int = 0

    def note(self, index: int, now_s: float) -> None:
        """One packet has come; one that is behind another of a higher index was overtaken."""
        if index in self.indices:
            return
        before = self.highest[-1] if self.highest else index
        self.reordered += index < before
        self.indices.add(index)
        self.highest.append(max(index, before))
        self.times_s.append(now_s)


class ProbeEnd:
    """The socket, and what has come in on it."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setblocking(False)
        self._alarm = Alarm()
        self._trains: dict[int, Arrivals] = {}
        self._pongs: dict[int, float] = {}
        self._pinged_by: Address | None = None

    def run(self) -> None:
        """Obey until standard input ends."""
        commands: Commands = {
            "bind": self._bind, "ping": self._ping, "train": self._train,
            "report": self._report, "arrivals": self._arrivals,
        }  # fmt: skip
        while True:
            readable, _, _ = select([self._socket, sys.stdin], (), ())
            self._receive()
            if sys.stdin in readable:
                line = sys.stdin.readline()
                if not line:
                    return
                obey(line, commands)

    def _bind(self, address: str) -> dict[str, Any]:
        self._socket.bind((address, 0))
        return {"port": self._socket.getsockname()[1]}

    def _ping(
        self,
        peer: list[Any],
        spacings_s: list[float],
        payload_bytes: int,
        patience_s: float,
        in_order: bool,
    ) -> dict[str, Any]:
        """Send pings at a given pace, whether or not answers come; then wait for the last.

        in_order: no answer comes after that to the last.
        """
        self._pongs.clear()
        padding = bytes(payload_bytes - PACKET.size)
        sent_s: list[float] = []
        next_s = perf_counter()
        for index, spacing_s in enumerate(spacings_s):
            self._listen_until(next_s)
            sent_s.append(perf_counter())
            self._send(PACKET.pack(PING, 0, index) + padding, (peer[0], peer[1]))
            next_s = sent_s[-1] + spacing_s
        all_there, last = len(sent_s), len(sent_s) - 1
        self._listen_until(
            perf_counter() + patience_s,
            lambda: len(self._pongs) == all_there or (in_order and last in self._pongs),
        )
        return {"round_trips_s": [at_s - sent_s[index] for index, at_s in self._pongs.items()]}

    def _train(
        self,
        peer: list[Any] | None,
        train: int,
        count: int,
        interval_s: float,
        payload_bytes: int,
        ahead_s: float,
        service_s: float,
    ) -> dict[str, Any]:
        """Send what `plan.ProbeTrain` says; without a peer, to whoever pinged last.

        `idle` is before which index, and for how many seconds, the lane must have had nothing to
        do, because this process was kept from its work for longer than what it had sent ahead
        lasted.
        """
        to = self._pinged_by if peer is None else (peer[0], peer[1])
        if to is None:
            return {"sent": 0, "idle": []}
        padding = bytes(payload_bytes - PACKET.size)
        next_s = perf_counter() - ahead_s
        busy_until_s = perf_counter() if service_s else inf
        idle: list[tuple[int, float]] = []
        for index in range(count):
            self._listen_until(next_s)
            now_s = perf_counter()
            self._send(PACKET.pack(TRAIN, train, index) + padding, to)
            next_s = max(next_s + interval_s, now_s - ahead_s)
            if now_s > busy_until_s:
                idle.append((index, now_s - busy_until_s))
            busy_until_s = max(busy_until_s, now_s) + service_s
        return {"sent": count, "idle": idle}

    def _report(self, train: int) -> dict[str, Any]:
        """What of a train has come so far."""
        self._receive()
        arrivals = self._trains.get(train, Arrivals())
        return {
            "received": len(arrivals.times_s),
            "reordered": arrivals.reordered,
            "last": arrivals.highest[-1] if arrivals.highest else -1,
            "dropped": _dropped(self._socket),
            "quiet_s": time() - (arrivals.times_s[-1] if arrivals.times_s else 0.0),
        }

    def _arrivals(self, train: int) -> dict[str, Any]:
        """When each packet of a train came, and the highest index by then."""
        arrivals = self._trains.get(train, Arrivals())
        return {"times_s": arrivals.times_s, "highest": arrivals.highest}

    def _listen_until(self, time_s: float, enough: Callable[[], bool] = lambda: False) -> None:
        """Take in what comes until then, or until it is enough."""
        while not enough() and perf_counter() < time_s:
            self._alarm.wait(time_s, [self._socket.fileno()])
            self._receive()

    def _receive(self) -> None:
        """Everything that waits in the socket."""
        while True:
            try:
                data, ancillary, _, sender = self._socket.recvmsg(LARGEST_BYTES, STAMP_SPACE)
            except BlockingIOError:
                return
            except OSError:  # an earlier packet found nobody at the other end, or no way there
                continue
            kind, train, index = PACKET.unpack_from(data)
            if kind == TRAIN:
                self._trains.setdefault(train, Arrivals()).note(index, _arrived_s(ancillary))
            elif kind == PING:
                self._pinged_by = sender
                self._send(PACKET.pack(PONG, train, index) + data[PACKET.size :], sender)
            else:
                self._pongs.setdefault(index, perf_counter())

    def _send(self, data: bytes, to: Address) -> None:
        """What the socket has no room for yet waits; it must not pass for lost.

        What nobody is there for is, and what an interface does not take that is down.
        """
        with suppress(OSError):
            while True:
                try:
                    self._socket.sendto(data, to)
                except BlockingIOError:
                    select((), [self._socket], (), SEND_TIMEOUT_S)
                else:
                    return


def _arrived_s(ancillary: list[tuple[int, int, bytes]]) -> float:
    """When the kernel took the packet in, so that being scheduled late does not matter.

    Wall-clock seconds; the present time on systems that do not tell.
    """
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = TIMESTAMP.unpack_from(data)
            return float(seconds + nanoseconds * 1e-9)
    return time()


def _dropped(receiver: socket.socket) -> int:
    """Packets that came but found the socket's buffer full (Linux; 0 where nobody counts)."""
    inode = str(os.fstat(receiver.fileno()).st_ino)
    table = Path("/proc/self/net/udp")
    if not table.exists():
        return 0
    rows = (line.split() for line in table.read_text(encoding="ascii").splitlines()[1:])
    return next((int(row[-1]) for row in rows if row[9] == inode), 0)


if __name__ == "__main__":
    ProbeEnd().run()
