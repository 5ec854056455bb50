"""A real server half in a thread, for tests that talk to it over real sockets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep

from emulation.spec import LaneSpec, LinkSpec
from testbed.channel.door import Door
from testbed.channel.zeromq import ZeroMqServer
from testbed.channel.zeromq.curve import ServerKeys
from testbed.halves.pacer import Pacer
from testbed.halves.patience import Patience
from testbed.halves.server import Server
from testbed.model.load import NullNetwork
from testbed.network import Network

TASKS = ("scale", "shape")
FEATURE_BYTES = 4000
NEAR = Patience(LinkSpec(LaneSpec(), LaneSpec()))
"""Of halves with nothing between them."""


def null_network() -> NullNetwork:
    return NullNetwork(TASKS, FEATURE_BYTES)


class Serving(Server):
    """A server, and where it listens."""

    def __init__(self, channel: ZeroMqServer) -> None:
        super().__init__(channel)
        self.address = channel.address


@contextmanager
def serving(
    network: Network | None = None,
    pacer: Pacer | None = None,
    door: Door | None = None,
    keys: ServerKeys | None = None,
    address: str = "tcp://127.0.0.1:*",
) -> Iterator[Serving]:
    """A server on a free loopback port, answering until the block ends."""
    channel = ZeroMqServer(address, door, keys)
    server = Serving(channel)
    stop = Event()
    arguments = (network or null_network(), stop.is_set, pacer)
    thread = Thread(target=server.serve, args=arguments)
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        thread.join()
        channel.close()


def soon(what: Callable[[], bool], within_s: float = 10.0) -> bool:
    """Whether it becomes true: what other threads do takes them a moment."""
    end_s = monotonic() + within_s
    while not what():
        if monotonic() > end_s:
            return False
        sleep(0.01)
    return True
