"""What a probe sends, derived from what the link is asked to be."""

from dataclasses import dataclass, replace
from math import ceil

from emulation.patience import crossing_s, round_trip_s
from emulation.probe.expectation import PING_BYTES, rates_within
from emulation.spec import MTU_BYTES, LaneSpec, LinkSpec
from emulation.trace import RateTrace
from emulation.userspace.relay_udp import IP_HEADER_BYTES, UDP_HEADER_BYTES

PING_PAYLOAD_BYTES = PING_BYTES - IP_HEADER_BYTES - UDP_HEADER_BYTES
PING_SPACING_S = 5e-3
PINGS_FOR_S = 1.2
FEWEST_PINGS, MOST_PINGS = 20, 140
LONGEST_PINGS_S, LEAST_PINGS = 30.0, 5
"""Where pings must be so far apart that even the fewest would take longer, there are less."""
HOST_S = 0.2
"""How long after the last moment anything could come it is still waited for."""

RATE_FOR_S = 0.4
RATE_FOR_JITTERS = 100
"""So long that the packets' own delays hardly matter."""
LONGEST_RATE_S = 5.0
FEWEST_RATE_PACKETS, LEAST_RATE_BYTES = 40, 64
"""Packets are made small enough for as many to cross in LONGEST_RATE_S, but not smaller."""
FEWEST_ARRIVALS = 5
"""Fewer say nothing about a rate."""
DATAGRAM_RATE_BPS = 100e6
"""From here on a datagram is several fragments: so many single packets Python cannot send."""
MOST_FRAGMENTS = 40
OVERDRIVE = 1.1
"""Above the rate, so that the lane never idles. What overflows is not missed: arrivals count."""
OVERDRIVE_FRAGMENTS = 1.02
"""Nothing may overflow, for a datagram without one of its fragments does not arrive at all."""
FEWEST_IN_QUEUE = 8
"""Packets are made small enough for this many to wait, else the lane idles between two."""
UNLIMITED_PACKETS = 500
LEAST_THROUGH = 0.05
"""Where more is lost, no attempt is made to keep the lane busy, and its rate cannot be told."""
HEAD_START_S = 0.05
"""Most that is sent at once, to keep the lane busy while the sender is kept from its work."""

LOSS_FOR_S, LONGEST_LOSS_S = 0.7, 10.0
FEWEST_LOSS_PACKETS = 200
MOST_PACKETS_PER_S = 5000.0
LOSS_PACKET_BYTES = 64


@dataclass(frozen=True, slots=True)
class ProbeTrain:
    """Datagrams at a steady pace.

    datagram_bytes: at the IP layer, all fragments together. ahead_s: how far ahead of the pace the
    sender goes at first, and then stays, as far as it can. service_s: how long the lane takes for a
    datagram; 0 where that is not known. pointless: why what arrives will not tell the rate.
    """

    count: int
    interval_s: float
    datagram_bytes: int
    ahead_s: float = 0.0
    service_s: float = 0.0
    fragments: int = 1
    pointless: str = ""

    @property
    def payload_bytes(self) -> int:
        """What the sender puts in each."""
        return self.datagram_bytes - self.fragments * IP_HEADER_BYTES - UDP_HEADER_BYTES


@dataclass(frozen=True, slots=True)
class Pings:
    """Round trips to measure; patience_s: how long to wait for the last one."""

    count: int
    interval_s: float
    patience_s: float


def pings(spec: LinkSpec) -> Pings:
    """Far enough apart that no ping waits for another: of its lane, or of that one's jitter."""
    lanes = (spec.uplink, spec.downlink)
    slowest_s = max(PING_BYTES * 8 / lane.rate_bps if lane.rate_bps else 0.0 for lane in lanes)
    spacing_s = max(PING_SPACING_S, 3 * max(lane.jitter_s for lane in lanes), 4 * slowest_s)
    count = min(MOST_PINGS, max(FEWEST_PINGS, int(PINGS_FOR_S / spacing_s)))
    count = max(LEAST_PINGS, min(count, int(LONGEST_PINGS_S / spacing_s)))
    all_bytes = count * PING_BYTES  # which one delivery of a trace may let go at once
    return Pings(count, spacing_s, HOST_S + round_trip_s(spec, all_bytes, all_bytes))


def rate_train(lane: LaneSpec) -> ProbeTrain:
    """Enough to keep the lane busy for a while, and not much more than that."""
    train = _busy_train(lane)
    arriving = train.count * (1 - lane.mean_loss) ** train.fragments
    if 1 - lane.mean_loss < LEAST_THROUGH or arriving < 2 * FEWEST_ARRIVALS:
        return replace(train, pointless=f"{lane.mean_loss:.3%} of all packets are lost")
    return train


def _busy_train(lane: LaneSpec) -> ProbeTrain:
    if lane.trace is not None:
        return _trace_train(lane.trace, lane.mean_loss)
    if lane.rate_bps is None:
        return ProbeTrain(UNLIMITED_PACKETS, 0.0, MTU_BYTES)
    fragments = min(MOST_FRAGMENTS, ceil(lane.rate_bps / DATAGRAM_RATE_BPS))
    few_bytes = int(lane.rate_bps / 8 * LONGEST_RATE_S / FEWEST_RATE_PACKETS)
    datagram_bytes = min(
        MTU_BYTES, lane.queue_bytes // FEWEST_IN_QUEUE, max(LEAST_RATE_BYTES, few_bytes)
    )
    overdrive, duration_s = OVERDRIVE, max(RATE_FOR_S, RATE_FOR_JITTERS * lane.jitter_s)
    ahead_s = min(HEAD_START_S, lane.queue_bytes / 4 * 8 / lane.rate_bps)
    if fragments > 1:
        datagram_bytes = fragments * MTU_BYTES
        overdrive = OVERDRIVE_FRAGMENTS
        duration_s = min(duration_s, ahead_s / (overdrive - 1))
    service_s = datagram_bytes * 8 / lane.rate_bps * max(LEAST_THROUGH, 1 - lane.mean_loss)
    interval_s = service_s / overdrive
    count = max(FEWEST_RATE_PACKETS, ceil(duration_s / interval_s))
    count = max(2 * FEWEST_ARRIVALS, min(count, int(LONGEST_RATE_S / interval_s)))
    return ProbeTrain(count, interval_s, datagram_bytes, ahead_s, service_s, fragments)


def _trace_train(trace: RateTrace, loss: float) -> ProbeTrain:
    """At the trace's highest rate, so that its every delivery finds a packet."""
    _, fastest_bps = rates_within(trace, HEAD_START_S)
    interval_s = MTU_BYTES * 8 / (fastest_bps * OVERDRIVE) * max(LEAST_THROUGH, 1 - loss)
    count = max(FEWEST_RATE_PACKETS, ceil(RATE_FOR_S / interval_s))
    return ProbeTrain(count, interval_s, MTU_BYTES, HEAD_START_S)


def loss_train(lane: LaneSpec) -> ProbeTrain:
    """Many small packets that never fill the queue.

    A slow lane is not kept at it for long: the fewer there are, the less its loss is held to. A
    trace may stand still, so all of them together may fill only half of the queue. What is sent
    ahead may only be as many as full packets that do: netem counts packets, not bytes.
    """
    most_in_queue = max(1, lane.queue_bytes // 2 // LOSS_PACKET_BYTES)
    most_ahead = max(1, lane.queue_bytes // 2 // MTU_BYTES)
    packets_per_s = MOST_PACKETS_PER_S
    if lane.mean_rate_bps is not None:
        packets_per_s = min(packets_per_s, lane.mean_rate_bps / 2 / (LOSS_PACKET_BYTES * 8))
    count = max(FEWEST_LOSS_PACKETS, int(packets_per_s * LOSS_FOR_S))
    count = max(1, min(count, int(packets_per_s * LONGEST_LOSS_S)))
    if lane.trace is not None:
        count = min(count, most_in_queue)
    ahead_s = min(HEAD_START_S, (most_ahead - 1) / packets_per_s)
    return ProbeTrain(count, 1 / packets_per_s, LOSS_PACKET_BYTES, ahead_s)


def silence_s(lane: LaneSpec, train: ProbeTrain) -> float:
    """How long nothing may arrive while something of a train is still to come."""
    return HOST_S + crossing_s(lane, max(MTU_BYTES, train.datagram_bytes))


def in_order(*lanes: LaneSpec) -> bool:
    """Whether nothing overtakes, so that what has not come before the last is lost."""
    return not any(lane.reorder and lane.jitter_s for lane in lanes)
