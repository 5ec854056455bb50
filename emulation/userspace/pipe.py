"""One direction of a relayed TCP connection: a socket read here, written there, a path between.

`transport.flow` says when what was read would have arrived over a kernel's TCP; here it is handed
over at that time. What waits for the window waits here, so that nothing is booked on the path
before its time: other connections and datagrams get their turns.
"""

import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from emulation.transport.flow import HEADER_BYTES, Flow
from emulation.userspace.carrier import Carrier, send_surely
from emulation.userspace.pacer import Callback, Pacer, call_at

READ_BYTES = 256 * 1024
HELD_BYTES = 4 * 2**20
"""Most that was read and not yet written: Linux's largest send buffer (tcp_wmem)."""
END_AGAIN_S = 0.2
"""After which the end of a stream is sent again if it was lost."""


@dataclass(eq=False)
class Pipe:
    """Bytes wait here from the moment they are read until the far socket has taken them.

    carrier: what the data crosses, flow: when it does. heard(): something has been delivered.
    broken(socket): that socket failed. finished(): the far socket has all bytes and their end.
    """

    pacer: Pacer
    source: socket.socket
    sink: socket.socket
    carrier: Carrier
    flow: Flow
    heard: Callback
    broken: Callable[[socket.socket], None]
    finished: Callback

    def __post_init__(self) -> None:
        self._chunks: deque[memoryview] = deque()
        self._held_bytes = self._unsent_bytes = self._under_way_bytes = self._deliverable_bytes = 0
        self._started = self._blocked = self._waiting = False
        self._closed = self._ending = self._aborted = False

    def start(self) -> None:
        """Begin to read; only the first call counts."""
        if not self._started:
            self._started = True
            self._set_reading(True)

    def abort(self) -> None:
        """Read and write nothing more; what is on its way is forgotten."""
        self._started = self._aborted = True
        self._set_reading(False)
        self.pacer.on_writable(self.sink, None)
        self._chunks.clear()
        self._unsent_bytes = self._deliverable_bytes = 0

    def _set_reading(self, reading: bool) -> None:
        self.pacer.on_readable(self.source, self._read if reading else None)

    def _read(self) -> None:
        try:
            data = self.source.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self.broken(self.source)
            return
        if not data:
            self._set_reading(False)
            self._closed = True
            self._end_if_delivered()
            return
        self._chunks.append(memoryview(data))
        self._held_bytes += len(data)
        if self._held_bytes >= HELD_BYTES:
            self._set_reading(False)
        self._unsent_bytes += len(data)
        if not self._waiting:
            self._send()

    def _send(self) -> None:
        """Send what the window lets, and come back when it lets more."""
        self._waiting = False
        if not self._unsent_bytes:
            return
        flow, now_s = self.flow, self.pacer.now
        taken, go_on_s = flow.offer(now_s, self._unsent_bytes)
        self._unsent_bytes -= taken
        self.carrier.count()
        if taken:
            self._under_way_bytes += taken
            call_at(self.pacer, flow.arrived_s, lambda: self._deliver(taken))
        if self._unsent_bytes:
            self._waiting = True
            call_at(self.pacer, go_on_s, self._send)

    def _deliver(self, count: int) -> None:
        if self._aborted:
            return
        self.carrier.count()
        self.heard()
        self._under_way_bytes -= count
        self._deliverable_bytes += count
        if not self._blocked:
            self._write()
        self._end_if_delivered()

    def _end_if_delivered(self) -> None:
        """The end of the stream follows its last byte, on a packet of its own."""
        if self._closed and not (self._unsent_bytes or self._under_way_bytes or self._aborted):
            self._closed = False
            send_surely(self.carrier, HEADER_BYTES, self._end, END_AGAIN_S)

    def _end(self) -> None:
        self._ending = not self._aborted
        self._end_if_written()

    def _write(self) -> None:
        """Write what has arrived, as far as the socket takes it."""
        try:
            while self._deliverable_bytes:
                self._forget(self.sink.send(self._chunks[0][: self._deliverable_bytes]))
        except BlockingIOError:
            self._set_blocked(True)
            return
        except OSError:
            self.broken(self.sink)
            return
        self._set_blocked(False)
        self._end_if_written()

    def _set_blocked(self, blocked: bool) -> None:
        if blocked != self._blocked:
            self._blocked = blocked
            self.pacer.on_writable(self.sink, self._write if blocked else None)

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
                self.sink.shutdown(socket.SHUT_WR)
            except OSError:
                self.broken(self.sink)
                return
            self.finished()
