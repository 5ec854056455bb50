"""Datagrams across the lanes: each is one IP packet, or as many fragments as it takes.

A datagram of which one fragment is lost never arrives, though the others used the lane. Every
client of the front socket gets a socket of its own towards the server, so replies find their way.
"""

import socket
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from math import ceil

from emulation.userspace.carrier import Carrier, Lanes, Packet

IP_HEADER_BYTES = 20
UDP_HEADER_BYTES = 8
FRAGMENT_BYTES = 1480
MOST_CLIENTS = 128
"""Beyond these the one longest silent is forgotten."""
READS_AT_ONCE = 64
LARGEST_BYTES = 65535
BUFFER_BYTES = 4 * 2**20
"""Asked of the kernel for each socket, so that a burst is lost in the lane and nowhere else."""
MOST_WAITING = 2 * BUFFER_BYTES // 512
"""Linux doubles what is asked for, and charges more than this for the smallest datagram."""

Address = tuple[str, int]


class UdpRelay:
    """Receives at the edge for one port of the server; `address` is what the edge sends to."""

    def __init__(self, lanes: Lanes, server: Address) -> None:
        self._lanes = lanes
        self._server = server
        self._backs: OrderedDict[Address, socket.socket] = OrderedDict()
        self._front = _datagram_socket()
        self._front.bind((server[0], 0))
        self.address: Address = self._front.getsockname()
        lanes.pacer.on_readable(self._front, self._read_front)

    def reset(self) -> None:
        """Take what waits at the sockets into the present lanes, to be dropped with them."""
        self._read_front(MOST_WAITING)
        for client in self._backs:
            self._read_back(client, MOST_WAITING)

    def _read_front(self, at_most: int = READS_AT_ONCE) -> None:
        for data, client in _datagrams(self._front, at_most):
            back = self._back_of(client)
            cross(self._lanes.up, len(data), partial(_send, back, data))

    def _back_of(self, client: Address) -> socket.socket:
        """The socket that stands for `client` at the server end."""
        back = self._backs.pop(client, None)
        if back is None:
            back = _datagram_socket()
            back.connect(self._server)
            self._lanes.pacer.on_readable(back, lambda: self._read_back(client))
            if len(self._backs) >= MOST_CLIENTS:
                _, oldest = self._backs.popitem(last=False)
                self._lanes.pacer.on_readable(oldest, None)
                oldest.close()
        self._backs[client] = back
        return back

    def _read_back(self, client: Address, at_most: int = READS_AT_ONCE) -> None:
        for data, _ in _datagrams(self._backs[client], at_most):
            cross(self._lanes.down, len(data), partial(_send, self._front, data, client))


def cross(carrier: Carrier, payload_bytes: int, arrived: Callable[[], None]) -> None:
    """Send a datagram as the IP packets it takes; `arrived` is called if all of them arrive."""
    left = payload_bytes + UDP_HEADER_BYTES
    missing = ceil(left / FRAGMENT_BYTES)
    last_arrival_s: float | None = None

    def arrive() -> None:
        nonlocal missing
        missing -= 1
        if missing == 0:
            arrived()

    fragment = Packet(arrive)
    while left > 0:
        size_bytes = min(left, FRAGMENT_BYTES)
        arrival_s = carrier.send(IP_HEADER_BYTES + size_bytes, fragment, prompt=False)
        if arrival_s is not None:
            last_arrival_s = arrival_s
        left -= size_bytes
    if last_arrival_s is not None:
        carrier.wake(last_arrival_s)


def _datagram_socket() -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.setblocking(False)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
    return end


def _datagrams(source: socket.socket, at_most: int) -> Iterator[tuple[bytes, Address]]:
    """What has come, up to a limit, so that nobody else waits long."""
    for _ in range(at_most):
        try:
            yield source.recvfrom(LARGEST_BYTES)
        except BlockingIOError:
            return
        except ConnectionRefusedError:  # nobody listens at the server end; datagrams just vanish
            continue


def _send(sender: socket.socket, data: bytes, receiver: Address | None = None) -> None:
    """As UDP does: what the socket does not take, or takes too late, is gone."""
    with suppress(OSError):
        if receiver is None:
            sender.send(data)
        else:
            sender.sendto(data, receiver)
