"""Interfaces at the ends of a link that programs there set down, and up again."""

import json

import pytest

from emulation.errors import CommandFailed
from emulation.host import shell
from emulation.link import Backend, Endpoint
from emulation.spec import LaneSpec, LinkSpec
from tests.emulation import at_endpoint

pytestmark = pytest.mark.realtime

LANE = LaneSpec(delay_s=0.005)


def ip(at: Endpoint, *command: str) -> str:
    return shell.run((*at.argv_prefix, "ip", *command))


@pytest.mark.parametrize("end", ["edge", "server"])
def test_one_that_was_down_carries_again_by_the_same_route(backend: Backend, end: str) -> None:
    with backend.open(LinkSpec(LANE, LANE, "reno"), seed=1) as link:
        here, there = (link.edge, link.server) if end == "edge" else (link.server, link.edge)
        if not here.argv_prefix:
            pytest.skip("its ends are programs' sockets: there is no interface")
        route = ip(here, "route", "show", there.address)
        device = json.loads(ip(here, "-j", "route", "show", there.address))[0]["dev"]
        neighbours = ip(here, "neighbour", "show", "nud", "permanent")
        assert "congctl lock reno" in route

        ip(here, "link", "set", device, "down")
        assert ip(here, "route", "show", there.address) == ""
        with pytest.raises(CommandFailed):
            ip(here, "route", "get", there.address)
        link.require_running()

        ip(here, "link", "set", device, "up")
        assert len(at_endpoint.ping(link, count=20, interval_s=0.01)) == 20
        assert ip(here, "route", "show", there.address) == route
        assert ip(here, "neighbour", "show", "nud", "permanent") == neighbours
