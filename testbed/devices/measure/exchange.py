"""A request and its reply over loopback: what the transport costs one end."""

from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter

from testbed.channel import STOP_CHECK_S
from testbed.channel.wire import pack, unpack
from testbed.channel.zeromq import ZeroMqEdge, ZeroMqServer
from testbed.devices.measure.timing import median_s, rounded
from testbed.devices.tables import Curve
from testbed.errors import PeerLost
from testbed.lifecycle.messages import Payload, Reply, Request

SIZES_BYTES = (1_000, 10_000, 60_000, 300_000, 2_000_000)
PATIENCE_S = 5.0


def measure_transport() -> Curve:
    """Half of the time from packing a request to its unpacked reply, over the payload's bytes.

    Both ends are processes of this machine, so each pays half.
    """
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    answering = spawn.Process(target=_answer, args=(theirs,), daemon=True)
    answering.start()
    theirs.close()
    try:
        with closing(ZeroMqEdge(ours.recv())) as edge:
            _round_s(edge, SIZES_BYTES[0])  # both ends warm up
            return tuple((float(size), rounded(_round_s(edge, size) / 2)) for size in SIZES_BYTES)
    except EOFError:
        raise PeerLost("loopback: the other end could not start") from None
    finally:
        ours.close()
        answering.join()


def _round_s(edge: ZeroMqEdge, size: int) -> float:
    payload = Payload("fp16", (1, size // 2, 1, 1), bytes(size))

    def exchange() -> None:
        edge.send(pack(Request(1, "features", payload)))
        frames = edge.receive(perf_counter() + PATIENCE_S)
        if frames is None:
            raise PeerLost("loopback: no answer from this process")
        unpack(frames)

    return median_s(exchange)


def _answer(parent: Connection) -> None:
    """Answer whatever comes, until the parent closes its end of the pipe, or ends."""
    with closing(ZeroMqServer("tcp://127.0.0.1:*")) as server:
        parent.send(server.address)
        while not parent.poll():
            while (received := server.receive(perf_counter() + STOP_CHECK_S)) is not None:
                peer, frames = received
                unpack(frames)
                server.send(peer, pack(Reply(1, (0, 0), 0.0, 0.0, 0.0, 0.0, 0.0)))
