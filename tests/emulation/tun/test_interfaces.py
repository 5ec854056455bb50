"""Interfaces that are set down, larger, or taken away while the ferry carries."""

import sys
from time import monotonic, sleep

import pytest

from emulation.errors import LinkFault
from emulation.host import shell
from emulation.spec import LaneSpec, LinkSpec
from emulation.tun.link import EDGE_DEVICE, SERVER_DEVICE, TunLink, backend
from tests.emulation import at_endpoint

WHY_NOT = backend.missing()
LANE = LaneSpec(delay_s=0.005)
needs_tun = [
    pytest.mark.root,
    pytest.mark.realtime,
    pytest.mark.skipif(WHY_NOT is not None, reason=f"no tun link: {WHY_NOT}"),
]


def opened() -> TunLink:
    return TunLink(LinkSpec(LANE, LANE), seed=1)


def ip(link: TunLink, end: str, command: str) -> str:
    at = link.edge if end == "edge" else link.server
    return shell.run((*at.argv_prefix, "ip", *command.split()))


def send(link: TunLink, toward: str, packets: int) -> None:
    """Datagrams from the other end, whether or not anybody is there."""
    here, there = (link.server, link.edge) if toward == "edge" else (link.edge, link.server)
    program = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"for _ in range({packets}): s.sendto(b'x', ('{there.address}', 9))"
    )
    shell.run((*here.argv_prefix, sys.executable, "-c", program))


def wait_for_refused(link: TunLink, way: str, packets: int) -> None:
    until_s = monotonic() + 5
    while link.describe()["ferry"][way]["refused_packets"] < packets:
        assert monotonic() < until_s
        sleep(0.01)


@pytest.mark.parametrize("end", ["edge", "server"])
class TestInterfaces:
    pytestmark = needs_tun

    def test_what_one_that_is_down_does_not_take_is_counted(self, end: str) -> None:
        device = EDGE_DEVICE if end == "edge" else SERVER_DEVICE
        with opened() as link:
            ip(link, end, f"link set {device} down")
            send(link, end, packets=5)
            wait_for_refused(link, "uplink" if end == "server" else "downlink", 5)
            ip(link, end, f"link set {device} up")
            assert len(at_endpoint.ping(link, count=20, interval_s=0.01)) == 20
            assert link.describe()["ferry"]["uplink"]["cut_packets"] == 0

    def test_packets_as_large_as_it_takes_cross_whole(self, end: str) -> None:
        with opened() as link:
            for device, at in ((EDGE_DEVICE, "edge"), (SERVER_DEVICE, "server")):
                ip(link, at, f"link set {device} mtu 9000")
            numbers, _ = at_endpoint.blast(link, count=20, size_bytes=8900)
            assert numbers == list(range(20))
            carried = link.describe()["ferry"]["uplink"]
        assert carried["delivered_packets"] == 20  # none in fragments
        assert carried["delivered_bytes"] == 20 * 8900

    def test_one_that_is_taken_away_ends_the_link_and_is_named(self, end: str) -> None:
        device = EDGE_DEVICE if end == "edge" else SERVER_DEVICE
        with opened() as link:
            ip(link, end, f"link delete {device}")
            with pytest.raises(LinkFault, match="an interface of the link is gone"):
                for _ in range(100):
                    link.describe()
