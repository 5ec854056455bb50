"""Which connections a server has, and which of them ask too much of it.

ZeroMQ hands over whole messages only. It bounds neither how many frames a message has nor how many
connections there are (zmq_setsockopt(3) has nothing for it), and what has come of a message lies in
its memory until the rest is there. So its connections are looked at from outside: the kernel counts
the bytes that each has brought (tcp(7), TCP_INFO), the server those that it was given. One that is
over a limit is shut down, upon which ZeroMQ frees what it held of it. Where the system has no such
count (other than Linux) only the number of connections is bounded.

It is told what happens by the channel, and by what watches the channel's sockets in another thread.
"""

import socket
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock

from testbed.channel import MAX_EDGES
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Buffer

STRANGERS = 128
"""Connections from which no message has come yet; beyond, the oldest of them is dropped. One of
ours says hello within three round trips, and is no stranger then."""
STRANGER_BYTES = 16_384
"""What such a connection may bring: the handshake takes 570 bytes, a hello at most 820."""
CONNECTIONS_OF_CLIENT = 8
"""Of one key; without keys, of one address. An edge has one, and makes the next when it has left
that; a few edges may share a key."""
UNREAD_BYTES = 2 * MAX_FRAME_BYTES
"""What all connections together may have brought that the server was not given yet: the largest
features that networks here make (51 MB) as often as ZeroMQ takes them from one connection while the
server is at work (10). Beyond, the connection with the most of it is dropped."""
_FRAME_BYTES = 48
"""Around each frame, rounded up: 9 of ZMTP (rfc.zeromq.org/spec/37), 33 of CURVE (spec/26)."""
_RECEIVED_AT = 128
"""Where tcpi_bytes_received (64 bits) is in struct tcp_info (linux/tcp.h, since 4.1)."""


@dataclass(slots=True, eq=False)
class _Connection:
    """descriptor: ZeroMQ's. peer: the address at its other end. client: whose it is; empty before
    its first message. given: bytes of its messages that the server has. surplus: by how much that
    was ever more than it brought, since the bytes around frames are rounded up."""

    descriptor: int
    peer: object
    client: str = ""
    given: int = 0
    surplus: int = 0


class Door:
    """The connections of one server. counts: see `ServerChannel`."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = Lock()
        self._open: dict[int, _Connection] = {}  # the oldest first
        self._known: dict[bytes, _Connection] = {}
        self._dropped: set[int] = set()
        """Descriptors of connections that were dropped, and are not told as closed yet. A message
        may be here before it is told that somebody has connected, and be the last."""

    def opened(self, descriptor: int) -> None:
        """Somebody has connected; too many strangers: the oldest goes."""
        with self._lock:
            if descriptor in self._dropped:
                return
            if self._connection(descriptor) is None:  # gone again
                self.counts["turned away"] += 1
                return
            strangers = [each for each in self._open.values() if not each.client]
            if len(strangers) > STRANGERS:
                self._drop(strangers[0])

    def closed(self, descriptor: int) -> None:
        """A connection is gone; a stranger's had wrong keys, none, or nothing to say."""
        with self._lock:
            if descriptor in self._dropped:
                self._dropped.discard(descriptor)
                return
            gone = self._forget(descriptor)
            if gone is not None and not gone.client:
                self.counts["turned away"] += 1

    def greet(self, name: bytes, descriptor: int, client: str) -> bool:
        """The first message of a connection has come. False where it is one too many, and dropped.

        name: what the server will call it.
        """
        with self._lock:
            newcomer = self._connection(descriptor)
            if newcomer is None:  # said something and left
                return True
            known = [each for each in self._open.values() if each.client and each is not newcomer]
            theirs = sum(each.client == client for each in known)
            if theirs >= CONNECTIONS_OF_CLIENT or len(known) >= MAX_EDGES:
                self._drop(newcomer)
                return False
            newcomer.client = client
            self._known[name] = newcomer
            return True

    def knows(self, name: bytes) -> bool:
        """Whether its first message has come before."""
        return name in self._known

    def gave(self, name: bytes, frames: Sequence[Buffer]) -> None:
        """The server was given a message."""
        if (connection := self._known.get(name)) is not None:
            connection.given += sum(map(len, frames)) + len(frames) * _FRAME_BYTES

    def drop(self, name: bytes) -> None:
        """End the connection that the server calls so."""
        with self._lock:
            if (connection := self._known.get(name)) is not None:
                self._drop(connection)

    def look(self) -> bool:
        """Drop those who have brought too much; False when nobody is there."""
        with self._lock:
            unread: Counter[int] = Counter()
            for each in list(self._open.values()):
                if (brought := _brought(each)) is None:
                    continue
                if not each.client and brought > STRANGER_BYTES:
                    self._drop(each)
                    continue
                each.surplus = max(each.surplus, each.given - brought)
                unread[each.descriptor] = brought - each.given + each.surplus
            left = unread.total()
            for descriptor, size in unread.most_common():
                if left <= UNREAD_BYTES:
                    break
                self._drop(self._open[descriptor])
                left -= size
            return bool(self._open)

    def _connection(self, descriptor: int) -> _Connection | None:
        """The connection that has this descriptor now, noted where it is new; None: no longer."""
        with _socket(descriptor) as found:
            peer = None if found is None else _peer(found)
        noted = self._open.get(descriptor)
        if noted is not None and noted.peer == peer:
            return noted
        self._forget(descriptor)
        if peer is None:
            return None
        return self._open.setdefault(descriptor, _Connection(descriptor, peer))

    def _drop(self, connection: _Connection) -> None:
        self.counts["dropped"] += 1
        with _socket(connection.descriptor) as found, suppress(OSError):
            if found is not None and _peer(found) == connection.peer:
                found.shutdown(socket.SHUT_RDWR)
        self._forget(connection.descriptor)
        self._dropped.add(connection.descriptor)

    def _forget(self, descriptor: int) -> _Connection | None:
        gone = self._open.pop(descriptor, None)
        for name in [name for name, each in self._known.items() if each is gone]:
            del self._known[name]
        return gone


def bytes_received(descriptor: int) -> int | None:
    """What has come in over a TCP connection, in all; None where that cannot be known."""
    with _socket(descriptor) as found:
        return None if found is None else _received(found)


@contextmanager
def _socket(descriptor: int) -> Iterator[socket.socket | None]:
    """ZeroMQ's connection by its descriptor, still ZeroMQ's afterwards; None where it is closed.

    ZeroMQ closes them when it likes, and numbers are used again: who means a certain connection
    looks who is at its other end. Not a duplicate of it, for there may be no number left.
    """
    try:
        found = socket.socket(fileno=descriptor)
    except OSError:
        yield None
        return
    try:
        yield found
    finally:
        found.detach()


def _peer(connection: socket.socket) -> object:
    """The address at its other end; None where that has left."""
    try:
        return connection.getpeername()
    except OSError:
        return None


def _brought(connection: _Connection) -> int | None:
    with _socket(connection.descriptor) as found:
        if found is None or _peer(found) != connection.peer:
            return None
        return _received(found)


def _received(connection: socket.socket) -> int | None:
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED_AT + 8)
        return int(struct.unpack_from("=Q", info, _RECEIVED_AT)[0])
    except (OSError, AttributeError, struct.error):
        return None
