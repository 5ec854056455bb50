"""TCP connections across the lanes: real sockets at both ends, the `transport` model in between.

The edge dials the front socket; the listener at the server end is dialled once the connection
request has crossed the uplink, and nothing is read before the handshake has been paid for.
"""

import socket
import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass

from simpy import Event

from emulation.transport import connection
from emulation.transport.connection import SYN_BYTES
from emulation.transport.flow import HEADER_BYTES
from emulation.transport.timers import SYN_TIMEOUT_S, SYN_TRIES
from emulation.userspace.carrier import Lanes, Packet, send_surely
from emulation.userspace.pacer import MOST_DESCRIPTORS
from emulation.userspace.pipe import Pipe

RESET_BYTES = 40
RESET_TIMEOUT_S = 0.2
"""After which a lost reset is sent again: the peer's next packet would have provoked another."""


class TcpRelay:
    """Listens at the edge for one port of the server; `address` is what the edge dials."""

    def __init__(self, lanes: Lanes, server: tuple[str, int]) -> None:
        self._lanes = lanes
        self._server = server
        self._connections: set[Connection] = set()
        self._listener = socket.create_server((server[0], 0), backlog=128)
        self._listener.setblocking(False)
        self.address: tuple[str, int] = self._listener.getsockname()
        lanes.pacer.on_readable(self._listener, self._accept)

    def reset(self) -> None:
        """End every connection at once, at both ends."""
        for each in tuple(self._connections):
            each.reset()

    def _accept(self) -> None:
        try:
            front, _ = self._listener.accept()
        except OSError:  # whoever called has hung up again
            return
        if front.fileno() > MOST_DESCRIPTORS - 2:
            front.close()
            return
        _prepare(front)
        connection = Connection(self._lanes, front, self._server, self._connections.discard)
        self._connections.add(connection)


@dataclass(eq=False)
class Connection:
    """One connection from its request to its end. closed(self): it is over."""

    lanes: Lanes
    front: socket.socket
    server: tuple[str, int]
    closed: "Callable[[Connection], None]"

    def __post_init__(self) -> None:
        self._back = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        _prepare(self._back)
        self._pipes: tuple[Pipe, ...] = ()
        self._finished = 0
        self._dialled: bool | None = None
        self._over = False
        self._answered: Event = self.lanes.pacer.event()
        self.lanes.pacer.process(self._open())

    def reset(self) -> None:
        """Both ends hear at once that it is over; what it had under way is forgotten."""
        for pipe in self._pipes:
            pipe.abort()
        self._close(*(end for end in (self.front, self._back) if end.fileno() >= 0))

    def _open(self) -> Generator[Event, None, None]:
        """Three packets: request and answer cost a round trip, the third goes with the data."""
        pacer = self.lanes.pacer
        for attempt in range(SYN_TRIES):
            asked_s = pacer.now
            self.lanes.up.send(SYN_BYTES, Packet(self._requested))
            yield self._answered | pacer.timeout(SYN_TIMEOUT_S * 2**attempt)
            if self._over:
                return
            if self._answered.triggered:
                break
        if not (self._answered.triggered and self._answered.value):
            self._close(self.front, self._back)
            return
        self._join(pacer.now - asked_s)

    def _requested(self) -> None:
        """At the server end: dial, once; an answer that was lost is given again."""
        if self._dialled is not None:
            self._answer(self._dialled)
        elif self._back.connect_ex(self.server) == 0:
            self._answer(True)
        else:
            self.lanes.pacer.on_writable(self._back, self._dial_ended)

    def _dial_ended(self) -> None:
        self.lanes.pacer.on_writable(self._back, None)
        self._answer(self._back.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0)

    def _answer(self, accepted: bool) -> None:
        self._dialled = accepted

        def answered() -> None:
            if not self._answered.triggered:
                self._answered.succeed(accepted)

        size_bytes = SYN_BYTES if accepted else RESET_BYTES
        self.lanes.down.send(size_bytes, Packet(answered))

    def _join(self, rtt_s: float) -> None:
        """The edge knows that it is connected; the server does when it hears from the edge."""
        lanes = self.lanes
        flows = connection.Connection(
            lanes.up.lane, lanes.down.lane, lanes.congestion_control, rtt_s, lanes.pacer.now
        )
        down = Pipe(
            lanes.pacer, self._back, self.front, lanes.down, flows.down,
            heard=lambda: None, broken=self._break, finished=self._finish,
        )  # fmt: skip
        up = Pipe(
            lanes.pacer, self.front, self._back, lanes.up, flows.up,
            heard=down.start, broken=self._break, finished=self._finish,
        )  # fmt: skip
        self._pipes = (up, down)
        send_surely(lanes.up, HEADER_BYTES, down.start, SYN_TIMEOUT_S)
        up.start()

    def _finish(self) -> None:
        self._finished += 1
        if self._finished == len(self._pipes):
            self._close()

    def _break(self, broken: socket.socket) -> None:
        """One end is gone: the other hears of it as soon as a packet can get there."""
        for pipe in self._pipes:
            pipe.abort()
        broken.close()
        carrier = self.lanes.up if broken is self.front else self.lanes.down
        other = self._back if broken is self.front else self.front
        send_surely(carrier, RESET_BYTES, lambda: self._close(other), RESET_TIMEOUT_S)

    def _close(self, *resetting: socket.socket) -> None:
        self._over = True
        for end in resetting:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.lanes.pacer.on_writable(self._back, None)
        self.front.close()
        self._back.close()
        self.closed(self)


def _prepare(end: socket.socket) -> None:
    end.setblocking(False)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
