"""The ferry's directions over datagram sockets in place of devices: no privileges, no clock."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from time import perf_counter

import pytest

from emulation.lane import Lane
from emulation.spec import LaneSpec, LinkSpec, Weather
from emulation.tun import direction
from emulation.tun.direction import Direction
from emulation.tun.ferry import Ferry


@dataclass
class Crossing:
    """A direction, the kernel's ends of its devices, and a way to see what came out."""

    direction: Direction
    before: socket.socket
    after: socket.socket

    def put(self, *packets: bytes) -> None:
        for packet in packets:
            self.before.send(packet)

    def out(self) -> list[bytes]:
        packets = []
        try:
            while True:
                packets.append(self.after.recv(100_000))
        except BlockingIOError:
            return packets


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
    ends = [end for pair in pairs for end in pair]
    for end in ends:
        end.setblocking(False)
    yield ends
    for end in ends:
        end.close()


def crossing(sockets: list[socket.socket], spec: LaneSpec, seed: int = 1) -> Crossing:
    before, source, target, after = sockets
    lane = Lane[bytes](spec, seed)
    return Crossing(Direction(lane, source.fileno(), target.fileno()), before, after)


def test_packets_cross_whole_and_in_order(sockets: list[socket.socket]) -> None:
    way = crossing(sockets, LaneSpec(delay_s=500))
    way.put(b"one", b"two" * 500, b"")
    began_s = perf_counter()
    way.direction.collect(began_s, late=False)
    assert way.direction.deliver(began_s + 499) == began_s + 500
    assert way.out() == []
    assert way.direction.deliver(began_s + 600) == inf
    assert way.out() == [b"one", b"two" * 500, b""]


def test_the_first_packet_counts_from_when_it_came(sockets: list[socket.socket]) -> None:
    way = crossing(sockets, LaneSpec(delay_s=0.5))
    way.put(b"one")
    way.direction.collect(10.0, late=False)
    assert way.direction.lane.next_due_s() == 10.5


def test_a_packet_may_leave_a_little_early(sockets: list[socket.socket]) -> None:
    way = crossing(sockets, LaneSpec(delay_s=0.5))
    way.put(b"one")
    way.direction.collect(10.0, late=False)
    way.direction.deliver(10.5 - 2 * direction.EARLY_S)
    assert way.out() == []
    way.direction.deliver(10.5 - direction.EARLY_S / 2)
    assert way.out() == [b"one"]


def test_lateness_is_counted(sockets: list[socket.socket]) -> None:
    way = crossing(sockets, LaneSpec(delay_s=0.5))
    way.put(b"one")
    way.direction.collect(10.0, late=True)
    way.direction.deliver(1e9)
    counted = way.direction.describe()
    assert counted["read_late_packets"] == counted["left_late_packets"] == 1
    assert counted["most_late_s"] == pytest.approx(1e9 - 10.5)
    assert counted["delivered_packets"] == 1


def test_being_in_time_is_not_counted(sockets: list[socket.socket]) -> None:
    way = crossing(sockets, LaneSpec(delay_s=0.5))
    way.put(b"one")
    way.direction.collect(10.0, late=False)
    way.direction.deliver(10.5001)
    counted = way.direction.describe()
    assert counted["read_late_packets"] == counted["left_late_packets"] == 0


def test_a_burst_is_bounded(sockets: list[socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direction, "BURST_PACKETS", 3)
    way = crossing(sockets, LaneSpec())
    way.put(*[b"x"] * 5)
    way.direction.collect(10.0, late=False)
    assert way.direction.lane.offered_packets == 3
    way.direction.collect(10.0, late=False)
    assert way.direction.lane.offered_packets == 5


def test_what_a_device_does_not_take_is_dropped_and_counted(sockets: list[socket.socket]) -> None:
    """As one that is down: here it is full, and what comes afterwards crosses."""
    way = crossing(sockets, LaneSpec())
    for _ in range(10_000):
        way.put(b"x")
        way.direction.collect(10.0, late=False)
        way.direction.deliver(11.0)
        if way.direction.refused_packets:
            break
    counted = way.direction.describe()
    assert len(way.out()) == counted["delivered_packets"] - counted["refused_packets"]
    assert counted["refused_packets"] > 0
    way.put(b"afterwards")
    way.direction.collect(12.0, late=False)
    way.direction.deliver(13.0)
    assert way.out() == [b"afterwards"]


def test_a_device_that_is_gone_ends_it(sockets: list[socket.socket]) -> None:
    way = crossing(sockets, LaneSpec())
    way.put(b"x")
    way.direction.collect(10.0, late=False)
    way.after.close()
    with pytest.raises(OSError, match="refused"):
        way.direction.deliver(11.0)


def test_no_packet_is_cut_silently(sockets: list[socket.socket]) -> None:
    """The first one too large for the usual room is dropped and counted, the next one is whole."""
    way = crossing(sockets, LaneSpec())
    for size_bytes, crosses in ((9000, True), (60_000, False), (60_000, True), (9000, True)):
        way.put(bytes(size_bytes))
        way.direction.collect(10.0, late=False)
        way.direction.deliver(11.0)
        assert [len(packet) for packet in way.out()] == [size_bytes] * crosses
    assert way.direction.describe()["cut_packets"] == 1


def test_a_ferry_gives_its_directions_different_seeds(sockets: list[socket.socket]) -> None:
    """Both lose half of what comes, not the same half."""
    lossy = LaneSpec(loss=0.5)
    built = ferry_over(sockets, lossy)
    lost: list[list[int]] = []
    for kernel, way in ((sockets[0], built.uplink), (sockets[3], built.downlink)):
        lost.append([])
        for _ in range(100):
            kernel.send(b"x")
            way.collect(1e9, late=False)
            lost[-1].append(way.lane.lost_packets)
    assert lost[0] != lost[1]


def test_a_renewed_ferry_drops_what_is_under_way_and_goes_on_counting(
    sockets: list[socket.socket],
) -> None:
    built, now_s = ferry_over(sockets, LaneSpec(delay_s=0.5)), perf_counter()
    sockets[0].send(b"one")
    built.uplink.collect(now_s, late=False)
    built.uplink.deliver(now_s + 1)
    sockets[0].send(b"two")
    built.uplink.collect(now_s + 1, late=False)
    assert built.renew(seed=2, offset_s=0.0, outages=True) == {}
    assert built.uplink.deliver(1e9) == inf
    counted = built.describe()["uplink"]
    assert (counted["offered_packets"], counted["delivered_packets"]) == (2, 1)


def test_a_renewed_ferry_drops_what_waits_at_its_devices(
    sockets: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was sent before: more than one burst of it must not be carried in the new weather."""
    monkeypatch.setattr(direction, "BURST_PACKETS", 3)
    built = ferry_over(sockets, LaneSpec(delay_s=0.5))
    for _ in range(8):
        sockets[0].send(b"x")
    built.renew(seed=2, offset_s=0.0, outages=True)
    built.uplink.collect(perf_counter(), late=False)
    assert built.uplink.deliver(1e9) == inf
    assert built.describe()["uplink"]["offered_packets"] == 8


def ferry_over(sockets: list[socket.socket], lane: LaneSpec) -> Ferry:
    return Ferry(LinkSpec(lane, lane), Weather(1), sockets[1].fileno(), sockets[2].fileno())


def test_it_says_why_a_device_cannot_be_made() -> None:
    order = '{"ends": [{"namespace": "/nonexistent", "device": "edge0"}]}\n'
    argv = (sys.executable, "-m", "emulation.tun.ferry")
    done = subprocess.run(argv, input=order, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("cannot make a TUN device: [Errno 2] No such file or directory")
