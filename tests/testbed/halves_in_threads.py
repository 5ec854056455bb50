"""A real server half in a thread, for tests that talk to it over real sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from testbed.channel.zeromq import ZeroMqServer
from testbed.halves.pacer import Pacer
from testbed.halves.server import Server
from testbed.model.load import NullNetwork
from testbed.network import Network

TASKS = ("scale", "shape")
FEATURE_BYTES = 4000


def null_network() -> NullNetwork:
    return NullNetwork(TASKS, FEATURE_BYTES)


class Serving(Server):
    """A server, and where it listens."""

    def __init__(self, channel: ZeroMqServer) -> None:
        super().__init__(channel)
        self.address = channel.address


@contextmanager
def serving(network: Network | None = None, pacer: Pacer | None = None) -> Iterator[Serving]:
    """A server on a free loopback port, answering until the block ends."""
    channel = ZeroMqServer("tcp://127.0.0.1:*")
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
