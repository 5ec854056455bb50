"""A peer that speaks just enough of ZeroMQ (rfc.zeromq.org/spec/37) to break its rules."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

_GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_TYPE = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6)
MORE = 1


def frame(content: bytes, flags: int = 0) -> bytes:
    """On the wire; MORE: another frame of the same message follows."""
    if len(content) < 256:
        return bytes([flags, len(content)]) + content
    return claiming(len(content), flags) + content


def claiming(size: int, flags: int = 0) -> bytes:
    """The beginning of a frame that says it is so large."""
    return struct.pack(">BQ", flags | 2, size)


def zmtp_2_greeting() -> bytes:
    """What a DEALER of 2012 says first (rfc.zeromq.org/spec/15): no keys, and no name."""
    return b"\xff" + bytes(7) + b"\x01\x7f" + b"\x01\x05" + frame(b"")


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    """TCP, and nothing said yet."""
    with socket.create_connection(("127.0.0.1", port_of(address)), timeout=10) as connection:
        yield connection


@contextmanager
def greeted(address: str) -> Iterator[socket.socket]:
    """A DEALER's connection after the handshake, without keys."""
    with connected(address) as connection:
        shake_hands(connection, b"DEALER")
        yield connection


def shake_hands(connection: socket.socket, kind: bytes) -> None:
    """Say what a socket of that kind (of six letters) says first, and take what comes."""
    ready = _TYPE + kind
    connection.sendall(_GREETING + bytes([4, len(ready)]) + ready)
    _read(connection, len(_GREETING))
    _, size = _read(connection, 2)
    _read(connection, size)


def hung_up(connection: socket.socket) -> bool:
    """Whether the other end ends the connection, whatever it says before."""
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def _read(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        content += connection.recv(size - len(content))
    return content
