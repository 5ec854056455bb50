"""TCP connections across the lanes: real sockets at both ends, `tcp.py` in between.

The edge dials the front socket; the listener at the server end is dialled once the connection
request has crossed the uplink. Bytes wait in one queue a direction, from the moment they are read
until the far socket has taken them; reading stops when it is full.
"""

import socket
from collections import deque
from collections.abc import Callable
from typing import Protocol

from emulation.carrier import Carrier, Control
from emulation.feeder import Feeder
from emulation.pacer import Pacer, call_at
from emulation.tcp import HEADER_BYTES, WINDOW_BYTES, Stream

SYN_BYTES = 60
"""IP and TCP header of a connection request with its usual options."""
SYN_TIMEOUT_S = 1.0
SYN_TRIES = 7
"""RFC 6298, section 2.1, and Linux's tcp_syn_retries: 1 + 6 tries, the wait doubling."""
RESET_TIMEOUT_S = 0.2
READ_BYTES = 256 * 1024
QUEUE_BYTES = WINDOW_BYTES + 4 * READ_BYTES
"""Most one direction of a connection holds in memory."""


class Lanes(Protocol):
    """Both directions of the link, as a relay needs them."""

    pacer: Pacer
    up: Carrier
    down: Carrier
    up_feeder: Feeder
    down_feeder: Feeder


class Pipe:
    """One direction: reads one socket, lets a stream carry the count, writes the other.

    broken(socket): that socket failed. finished(): the far socket has everything and the end.
    """

    def __init__(
        self,
        pacer: Pacer,
        source: socket.socket,
        sink: socket.socket,
        broken: Callable[[socket.socket], None],
        finished: Callable[[], None],
    ) -> None:
        self._pacer = pacer
        self._source = source
        self._sink = sink
        self._broken = broken
        self._finished = finished
        self._stream: Stream | None = None
        self._chunks: deque[memoryview] = deque()
        self._held_bytes = 0
        self._writable_bytes = 0
        self._ending = False

    def start(self, feeder: Feeder, reverse: Carrier, rtt_s: float) -> None:
        """Begin to read."""
        self._stream = Stream(feeder, reverse, rtt_s, self._deliver, self._end)
        self._pacer.on_readable(self._source, self._read)

    def abort(self) -> None:
        """Forget everything that has not been written."""
        if self._stream is not None:
            self._stream.abort()
        self._chunks.clear()

    def _read(self) -> None:
        assert self._stream is not None
        try:
            data = self._source.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._broken(self._source)
            return
        if not data:
            self._pacer.on_readable(self._source, None)
            self._stream.close()
            return
        self._chunks.append(memoryview(data))
        self._held_bytes += len(data)
        if self._held_bytes >= QUEUE_BYTES:
            self._pacer.on_readable(self._source, None)
        self._stream.write(len(data))
