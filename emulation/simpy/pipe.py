"""One direction of a relayed TCP connection: a socket read here, written there, a lane between."""

import socket
from collections import deque
from collections.abc import Callable

from emulation.simpy.carrier import Carrier
from emulation.simpy.feeder import Feeder
from emulation.simpy.pacer import Pacer
from emulation.simpy.tcp import Stream

READ_BYTES = 256 * 1024
HELD_BYTES = 4 * 2**20
"""Most that was read and not yet written: Linux's largest send buffer (tcp_wmem)."""


class Pipe:
    """Bytes wait here from the moment they are read until the far socket has taken them.

    feeder, reverse, rtt_s: as for `tcp.Stream`. heard(): something has been delivered.
    broken(socket): that socket failed. finished(): the far socket has all bytes and their end.
    """

    def __init__(
        self,
        pacer: Pacer,
        source: socket.socket,
        sink: socket.socket,
        lanes: tuple[Feeder, Carrier],
        rtt_s: float,
        heard: Callable[[], None],
        broken: Callable[[socket.socket], None],
        finished: Callable[[], None],
    ) -> None:
        self._pacer = pacer
        self._source = source
        self._sink = sink
        self._stream = Stream(*lanes, rtt_s, self._deliver, self._end)
        self._heard = heard
        self._broken = broken
        self._finished = finished
        self._chunks: deque[memoryview] = deque()
        self._held_bytes = 0
        self._deliverable_bytes = 0
        self._started = self._reading = self._blocked = self._ending = False

    def start(self) -> None:
        """Begin to read; only the first call counts."""
        if not self._started:
            self._started = True
            self._set_reading(True)

    def abort(self) -> None:
        """Read and write nothing more."""
        self._started = True
        self._set_reading(False)
        self._pacer.on_writable(self._sink, None)
        self._stream.abort()
        self._chunks.clear()
        self._deliverable_bytes = 0

    def _set_reading(self, reading: bool) -> None:
        self._reading = reading
        self._pacer.on_readable(self._source, self._read if reading else None)

    def _read(self) -> None:
        try:
            data = self._source.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._broken(self._source)
            return
        if not data:
            self._set_reading(False)
            self._stream.close()
            return
        self._chunks.append(memoryview(data))
        self._held_bytes += len(data)
        if self._held_bytes >= HELD_BYTES:
            self._set_reading(False)
        self._stream.write(len(data))

    def _deliver(self, count: int) -> None:
        self._heard()
        self._deliverable_bytes += count
        if not self._blocked:
            self._write()

    def _end(self) -> None:
        self._ending = True
        self._end_if_written()

    def _write(self) -> None:
        """Write what has arrived, as far as the socket takes it."""
        try:
            while self._deliverable_bytes:
                self._forget(self._sink.send(self._chunks[0][: self._deliverable_bytes]))
        except BlockingIOError:
            self._set_blocked(True)
            return
        except OSError:
            self._broken(self._sink)
            return
        self._set_blocked(False)
        self._end_if_written()

    def _set_blocked(self, blocked: bool) -> None:
        if blocked != self._blocked:
            self._blocked = blocked
            self._pacer.on_writable(self._sink, self._write if blocked else None)

    def _forget(self, count: int) -> None:
        """`count` bytes have been written; make room for as many."""
        if count == len(self._chunks[0]):
            self._chunks.popleft()
        else:
            self._chunks[0] = self._chunks[0][count:]
        self._deliverable_bytes -= count
        full = self._held_bytes >= HELD_BYTES
        self._held_bytes -= count
        if full and self._held_bytes < HELD_BYTES and self._started:
            self._set_reading(True)

    def _end_if_written(self) -> None:
        if self._ending and not self._deliverable_bytes:
            self._ending = False
            try:
                self._sink.shutdown(socket.SHUT_WR)
            except OSError:
                self._broken(self._sink)
                return
            self._finished()
