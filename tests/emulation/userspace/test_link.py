"""Real sockets across the SimPy link: times, bytes, ends of connections, and taking it down."""

import os
import random
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from emulation.errors import LinkFault
from emulation.link import Link
from emulation.meter import MmapMeter
from emulation.spec import LaneSpec, LinkSpec
from emulation.transport.connection import open_connection
from emulation.userspace.link import backend
from tests.emulation.sockets import dial, echo, receive, tcp_server, udp_echo

pytestmark = pytest.mark.realtime

LANE = LaneSpec(rate_bps=20e6, delay_s=0.02)
RTT_S = 0.04


def both(lane: LaneSpec) -> LinkSpec:
    return LinkSpec(lane, lane)


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    with backend.open(both(LANE), seed=1) as opened:
        yield opened


def echo_pieces(size: int) -> Callable[[socket.socket], None]:
    """A server that answers ten bytes to the first ten, then to every `size` bytes."""

    def serve(connection: socket.socket) -> None:
        wanted = 10
        while receive(connection, wanted):
            connection.sendall(b"y" * 10)
            wanted = size

    return serve


def meter_of(link: Link) -> Path:
    return Path(link.meter_uri.removeprefix("mmap:"))


def test_a_message_arrives_when_it_is_due(link: Link) -> None:
    with tcp_server(echo) as port, dial(link.expose(port)) as connection:
        times_s = []
        for _ in range(30):
            began_s = perf_counter()
            connection.sendall(b"x" * 100)
            receive(connection, 100)
            times_s.append(perf_counter() - began_s)
    due_s = RTT_S + 2 * 152 * 8 / 20e6
    assert min(times_s) >= due_s
    assert median(times_s) < due_s + 0.002


def test_connecting_costs_a_round_trip(link: Link) -> None:
    with tcp_server(echo) as port:
        address = link.expose(port)
        began_s = perf_counter()
        with dial(address) as connection:
            connection.sendall(b"x")
            receive(connection, 1)
        assert 2 * RTT_S <= perf_counter() - began_s < 2 * RTT_S + 0.03


def test_bytes_arrive_at_the_rate_and_unharmed(link: Link) -> None:
    sent = random.Random(1).randbytes(1_000_000)
    received: list[tuple[float, bytes]] = []
    done = threading.Event()

    def take(connection: socket.socket) -> None:
        data = receive(connection, len(sent))
        received.append((perf_counter(), data))
        done.set()

    with tcp_server(take) as port, dial(link.expose(port)) as connection:
        began_s = perf_counter()
        connection.sendall(sent)
        assert done.wait(10)
    arrived_s, data = received[0]
    assert data == sent
    model = open_connection(both(LANE), seed=1).up
    assert arrived_s - began_s == pytest.approx(RTT_S + model.send(0.0, len(sent)), rel=0.05)


def test_a_small_congestion_window_costs_round_trips(link: Link) -> None:
    """The first message of a connection takes flights of 10, 20 and 40 segments, the next none."""
    size, model = 60 * 1448, open_connection(both(LANE), seed=1)
    with tcp_server(echo_pieces(size)) as port, dial(link.expose(port)) as connection:
        connection.sendall(b"x" * 10)  # pays for the handshake
        receive(connection, 10)
        now_s = model.down.send(model.up.send(0.0, 10), 10)
        for _ in range(3):
            began_s = perf_counter()
            connection.sendall(bytes(size))
            receive(connection, 10)
            measured_s = perf_counter() - began_s
            ended_s = model.down.send(model.up.send(now_s, size), 10)
            assert measured_s == pytest.approx(ended_s - now_s, rel=0.1)
            now_s = ended_s


def test_connections_share_the_lanes(link: Link) -> None:
    count = 250_000
    with tcp_server(echo) as port:
        address = link.expose(port)
        with dial(address) as one, dial(address) as other:
            began_s = perf_counter()
            for connection in (one, other):
                threading.Thread(target=connection.sendall, args=(bytes(count),)).start()
            times_s = []
            for connection in (one, other):
                assert len(receive(connection, count)) == count
                times_s.append(perf_counter() - began_s)
    assert max(times_s) >= 2 * count * 8 / 20e6 + RTT_S


def test_half_a_connection_may_end_before_the_other(link: Link) -> None:
    def answer_at_the_end(connection: socket.socket) -> None:
        heard = receive(connection, 10**6)
        connection.sendall(heard[::-1])

    with tcp_server(answer_at_the_end) as port, dial(link.expose(port)) as connection:
        connection.sendall(b"abc")
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection, 10) == b"cba"
        assert connection.recv(1) == b""


def test_a_reset_is_passed_on(link: Link) -> None:
    def reset(connection: socket.socket) -> None:
        receive(connection, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with tcp_server(reset) as port, dial(link.expose(port)) as connection:
        connection.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_nobody_listening_is_a_reset_after_a_round_trip(link: Link) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    address = link.expose(port)
    began_s = perf_counter()
    with dial(address) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)
    assert perf_counter() - began_s >= RTT_S


def test_datagrams_cross_and_replies_find_their_way(link: Link) -> None:
    with udp_echo() as port:
        address = link.expose(port, "udp")
        clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
        began_s = perf_counter()
        for number, client in enumerate(clients):
            client.settimeout(5)
            client.sendto(bytes([number]) * (4000 if number == 2 else 10), address)
        heard = [client.recv(65535) for client in clients]
        assert perf_counter() - began_s >= RTT_S
        for client in clients:
            client.close()
    assert heard == [b"\0" * 10, b"\1" * 10, b"\2" * 4000]


def test_a_datagram_counts_as_the_packets_it_takes(link: Link) -> None:
    with udp_echo() as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        before = MmapMeter(meter_of(link)).read()
        client.sendto(bytes(4000), link.expose(port, "udp"))
        client.recv(65535)
        up, down = MmapMeter(meter_of(link)).read()
    on_the_wire = 4000 + 8 + 3 * 20
    assert (up - before[0], down - before[1]) == (on_the_wire, on_the_wire)


def test_lost_packets_cost_time_and_no_bytes() -> None:
    sent = random.Random(2).randbytes(300_000)
    lossy = LaneSpec(rate_bps=50e6, delay_s=0.005, loss=0.03)
    with (
        backend.open(both(lossy), seed=4) as link,
        tcp_server(echo) as port,
        dial(link.expose(port)) as connection,
    ):
        threading.Thread(target=connection.sendall, args=(sent,)).start()
        assert receive(connection, len(sent)) == sent
        assert link.describe()["uplink"]["lost_packets"] > 0


def test_a_reader_that_does_not_read_stops_the_writer() -> None:
    stop = threading.Event()

    def ignore(connection: socket.socket) -> None:
        stop.wait(20)

    with (
        backend.open(both(LaneSpec()), seed=1) as link,
        tcp_server(ignore) as port,
        dial(link.expose(port)) as connection,
    ):
        connection.settimeout(0.5)
        accepted = 0
        with pytest.raises(TimeoutError):
            while accepted < 10**9:
                accepted += connection.send(bytes(1 << 20))
        stop.set()
    assert accepted < 100 * 2**20


def test_exposing_a_port_again_gives_the_same_address(link: Link) -> None:
    assert link.expose(5555) == link.expose(5555)
    assert link.expose(5555) != link.expose(5555, "udp")


def test_a_killed_process_is_a_fault_and_leaves_nothing() -> None:
    with backend.open(both(LANE), seed=1) as link:
        meter = meter_of(link)
        os.kill(link.describe()["process"], signal.SIGKILL)
        with pytest.raises(LinkFault, match="its process has ended"):
            link.expose(5555)
    assert not meter.exists()


def test_a_closed_link_says_so() -> None:
    link = backend.open(both(LANE), seed=1)
    link.close()
    link.close()
    with pytest.raises(LinkFault, match="closed"):
        link.describe()


def test_the_process_ends_with_its_standard_input_not_with_ctrl_c() -> None:
    with backend.open(both(LANE), seed=1) as link:
        process = link.describe()["process"]
        os.kill(process, signal.SIGINT)
        assert link.describe()["process"] == process
