"""Datagrams that waited when a link was renewed were sent before it, and end with it."""

import socket
from contextlib import closing
from pathlib import Path

from emulation.meter import COUNTERS
from emulation.spec import LaneSpec, LinkSpec, Weather
from emulation.userspace.carrier import Lanes
from emulation.userspace.pacer import Pacer
from emulation.userspace.relay_udp import READS_AT_ONCE, UdpRelay

WAITING = 3 * READS_AT_ONCE


def test_what_waits_at_both_sockets_goes_into_the_lanes_that_end(tmp_path: Path) -> None:
    meter = tmp_path / "meter"
    meter.write_bytes(bytes(COUNTERS.size))
    lanes = Lanes(Pacer(), LinkSpec(LaneSpec(), LaneSpec()), 1, meter)
    with (
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server,
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as client,
    ):
        server.bind(("127.0.0.1", 0))
        relay = UdpRelay(lanes, server.getsockname())
        client.sendto(b"first", relay.address)
        relay.reset()
        lanes.up.count()
        for packet in lanes.up.lane.due(1e9):
            packet.arrive()
        _, back = server.recvfrom(100)
        for _ in range(WAITING):
            client.sendto(b"x", relay.address)
            server.sendto(b"y", back)
        relay.reset()
        lanes.renew(Weather(2))
        relay.reset()
    up, down = lanes.counters()
    assert (up.offered_packets, down.offered_packets) == (1 + WAITING, WAITING)
    assert lanes.up.lane.offered_packets == lanes.down.lane.offered_packets == 0
