"""The same messages by ns.py, packet by packet: its TCP with CUBIC over its ports and wires.

Requests and replies are two flows there, each sent at its time whether or not the other has arrived
(ns.py knows no request and reply), which changes neither how many packets cross nor what they cost.
"""

import random
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

import simpy

from benchmarks.virtual_transfers import GAP_S, Transfers
from emulation.spec import LaneSpec
from emulation.transport.flow import MSS_BYTES

INITIAL_WINDOW = 10
NO_THRESHOLD = 1 << 30


def peer_version() -> str | None:
    """The version installed; None where there is none."""
    try:
        return version("ns.py")
    except PackageNotFoundError:
        return None


def transfers_by_ns(transfers: Transfers) -> float:
    """Carry them all; returns the median time of a request and its reply together."""
    random.seed(transfers.seed)
    env = simpy.Environment()
    link = transfers.link
    up = _Flow(env, 0, transfers.up_bytes, link.uplink, link.downlink)
    down = _Flow(env, 1, transfers.down_bytes, link.downlink, link.uplink)
    env.run(until=GAP_S * (len(transfers) + 4))
    pairs = zip(up.took_s(), down.took_s(), strict=True)
    return median(there + back for there, back in pairs)


class _Flow:
    """One direction: generator, port, wire, sink, and a wire back for acknowledgements."""

    def __init__(
        self, env: simpy.Environment, number: int, sizes: list[int], there: LaneSpec, back: LaneSpec
    ) -> None:
        from ns.flow.cubic import TCPCubic
        from ns.flow.flow import Flow
        from ns.packet.tcp_generator import TCPPacketGenerator

        whole = [-(-size // MSS_BYTES) * MSS_BYTES for size in sizes]  # it sends full segments only
        lengths: Iterator[int] = iter(whole)
        flow = Flow(
            fid=number,
            src="edge",
            dst="server",
            start_time=0,
            finish_time=GAP_S * len(sizes) + GAP_S / 2,
            arrival_dist=lambda: GAP_S,
            size_dist=lambda: next(lengths, MSS_BYTES),  # it asks once more than there are
        )
        control = TCPCubic(mss=MSS_BYTES, cwnd=INITIAL_WINDOW * MSS_BYTES, ssthresh=NO_THRESHOLD)
        generator = TCPPacketGenerator(env, flow, control)
        generator.mss = MSS_BYTES
        self._sink = _sink(env, whole)
        generator.out = _lane(env, there, self._sink)
        self._sink.out = _wire(env, back, generator)

    def took_s(self) -> list[float]:
        """From each message's sending to its last byte."""
        arrived_s: list[float] = self._sink.arrived_s
        return [at_s - GAP_S * (number + 1) for number, at_s in enumerate(arrived_s)]


def _sink(env: simpy.Environment, sizes: list[int]) -> Any:
    """ns.py's sink, which also notes when each message is whole."""
    from ns.packet.tcp_sink import TCPSink

    class Sink(TCPSink):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(env, rec_arrivals=False, rec_waits=False, rec_flow_ids=False)
            self.arrived_s: list[float] = []
            self._ends = iter(sizes)
            self._end = next(self._ends)

        def put(self, packet: Any) -> None:
            super().put(packet)
            while self.next_seq_expected >= self._end:
                self.arrived_s.append(env.now)
                self._end += next(self._ends, NO_THRESHOLD)

    return Sink()


def _lane(env: simpy.Environment, lane: LaneSpec, out: Any) -> Any:
    """Rate and queue, then delay, jitter and loss."""
    from ns.port.port import Port

    rate_bps = lane.rate_bps or 0
    port = Port(env, rate_bps, qlimit=lane.queue_bytes, limit_bytes=True)
    port.out = _wire(env, lane, out)
    return port


def _wire(env: simpy.Environment, lane: LaneSpec, out: Any) -> Any:
    from ns.port.wire import Wire

    delay: Callable[[], float] = lambda: max(0.0, random.gauss(lane.delay_s, lane.jitter_s))  # noqa: E731
    wire = Wire(env, delay, loss_dist=lambda packet_id: lane.mean_loss)
    wire.out = out
    return wire
