"""The SimPy link renewed under connections: they end, at both ends, and counting goes on."""

import socket
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from emulation.link import Link
from emulation.meter import MmapMeter
from emulation.spec import LaneSpec, LinkSpec, Weather
from emulation.userspace.link import backend
from tests.emulation.sockets import dial, receive, tcp_server

pytestmark = pytest.mark.realtime


def both(lane: LaneSpec) -> LinkSpec:
    return LinkSpec(lane, lane)


def offered_bytes(link: Link) -> int:
    total: int = link.describe()["uplink"]["offered_bytes"]
    return total


def test_connections_of_before_end_at_both_ends_and_new_ones_cross() -> None:
    ended = Event()

    def echo_until_reset(connection: socket.socket) -> None:
        try:
            while data := connection.recv(1 << 16):
                connection.sendall(data)
        except ConnectionResetError:
            ended.set()

    with (
        backend.open(both(LaneSpec(delay_s=0.01)), 1) as link,
        tcp_server(echo_until_reset) as port,
    ):
        address = link.expose(port)
        with closing(dial(address)) as connection:
            connection.sendall(b"x" * 1000)
            assert receive(connection, 1000) == b"x" * 1000
            connection.sendall(b"x" * 100_000)
            link.renew(Weather(seed=2))
            with pytest.raises(ConnectionResetError):
                receive(connection, 100_000)
        assert ended.wait(5)
        before = offered_bytes(link)
        assert before > 1000
        assert link.expose(port) == address
        with closing(dial(address)) as connection:
            connection.sendall(b"y" * 1000)
            assert receive(connection, 1000) == b"y" * 1000
        assert offered_bytes(link) > before + 1000
        meter = MmapMeter(Path(link.meter_uri.removeprefix("mmap:")))
        assert meter.read()[0] == offered_bytes(link)


def test_a_connection_that_is_being_made_ends_too() -> None:
    with (
        backend.open(both(LaneSpec(delay_s=0.3)), 1) as link,
        tcp_server(lambda _: None) as port,
        closing(dial(link.expose(port))) as connection,
    ):
        link.describe()  # by now its request is on the way
        link.renew(Weather(seed=2))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
