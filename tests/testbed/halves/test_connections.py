"""Each block has a connection of its own; a server that is gone costs its requests, not the run."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from emulation.spec import LaneSpec, LinkSpec
from testbed.channel import EdgeChannel
from testbed.channel.zeromq import ZeroMqEdge
from testbed.errors import PeerLost
from testbed.halves.connections import Connections
from testbed.halves.deployment import hello_of
from testbed.halves.machine import WALL_CLOCK
from testbed.halves.patience import Patience
from tests.testbed.halves_in_threads import NEAR, null_network, serving


class Dialled:
    """Dials an address, and remembers every channel."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.channels: list[ZeroMqEdge] = []

    def __call__(self) -> EdgeChannel:
        self.channels.append(ZeroMqEdge(self.address))
        return self.channels[-1]


def connected(dialled: Dialled, patience: Patience = NEAR) -> Connections:
    return Connections(dialled, hello_of(null_network()), patience, WALL_CLOCK)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("testbed.halves.patience.HOST_S", 0.1)
    monkeypatch.setattr("testbed.halves.connections.RECONNECT_S", 0.1)
    yield


def test_a_new_connection_is_another_one_to_the_same_server() -> None:
    with serving() as server:
        dialled = Dialled(server.address)
        with closing(connected(dialled)) as found:
            first = found.client
            found.renew()
            assert found.client is not first
            assert found.client.connected
            assert len(dialled.channels) == 2
        assert not server.counts["refused"]


def test_strays_of_all_connections_are_kept() -> None:
    with serving() as server:
        with closing(connected(Dialled(server.address))) as found:
            found.client.strays["malformed"] += 1
            found.renew()
            found.client.strays["malformed"] += 2
        assert found.strays == {"malformed": 3}


@pytest.mark.usefixtures("impatient")
def test_a_server_that_does_not_answer_any_more_is_gone_and_not_dialled_again() -> None:
    with serving() as server:
        dialled = Dialled(server.address)
        found = connected(dialled)
        dialled.address = "tcp://127.0.0.1:1"  # nobody listens there
        with closing(found):
            found.renew()
            assert not found.client.connected
            found.renew()
            assert len(dialled.channels) == 2


@pytest.mark.usefixtures("impatient")
def test_a_server_that_may_come_back_is_dialled_again_for_each_block() -> None:
    with serving() as server:
        address = server.address
        dialled = Dialled(address)
        found = Connections(dialled, hello_of(null_network()), NEAR, WALL_CLOCK, 0.3)
    with closing(found):
        for _ in range(2):
            found.renew()
            assert not found.client.connected
            assert (found.presence.lost, found.presence.found) == (1, 0)
        with serving(address=address):
            found.renew()
            assert found.client.connected
            assert (found.presence.lost, found.presence.found) == (1, 1)


@pytest.mark.usefixtures("impatient")
def test_nobody_at_the_beginning_is_told() -> None:
    with pytest.raises(PeerLost, match=r"no server half answers at tcp:.* within 0\.1 s"):
        connected(Dialled("tcp://127.0.0.1:1"))


@pytest.mark.usefixtures("impatient")
def test_where_the_link_lets_nothing_through_nobody_at_the_beginning_is_a_result() -> None:
    deaf = Patience(LinkSpec(LaneSpec(loss=1.0), LaneSpec()))
    with closing(connected(Dialled("tcp://127.0.0.1:1"), deaf)) as found:
        assert not found.client.connected
