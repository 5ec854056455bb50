"""Servers and clients on loopback for tests of the SimPy link."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

Handler = Callable[[socket.socket], None]


def echo(connection: socket.socket) -> None:
    """Send back whatever comes."""
    while data := connection.recv(1 << 20):
        connection.sendall(data)


@contextmanager
def tcp_server(handle: Handler) -> Iterator[int]:
    """Runs `handle` on every connection, each in a thread; gives the port."""

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            handle(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def udp_echo() -> Iterator[int]:
    """Sends every datagram back; gives the port."""

    def serve() -> None:
        while True:
            data, client = server.recvfrom(65535)
            if not data:
                return
            server.sendto(data, client)

    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as ender:
            ender.sendto(b"", server.getsockname())
        thread.join()


def dial(address: tuple[str, int]) -> socket.socket:
    """A connection that does not wait for more to send, and does not hang a test."""
    connection = socket.create_connection(address)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(20)
    return connection


def receive(connection: socket.socket, count: int) -> bytes:
    """Exactly `count` bytes, or fewer if the connection ends."""
    parts: list[bytes] = []
    while count and (data := connection.recv(min(count, 1 << 20))):
        parts.append(data)
        count -= len(data)
    return b"".join(parts)
