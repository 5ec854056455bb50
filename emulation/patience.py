"""How long something over a given link may take, and so how long it is worth waiting for.

A pure function of the link. Whoever waits for what crosses it takes their patience from here; what
their hosts may need on top is theirs to say. Nothing is ever waited for without end: a link that
carries nothing (`carries`) is given the time of one that does.
"""

from math import ceil, log, log2, sqrt

import numpy as np

from emulation.lane.jitter import TABLE_LIMIT
from emulation.spec import MTU_BYTES, GilbertElliott, LaneSpec, LinkSpec
from emulation.trace import RateTrace
from emulation.transport.congestion import INITIAL_WINDOW
from emulation.transport.flow import MSS_BYTES
from emulation.transport.timers import RTO_MAX_S, SYN_TIMEOUT_S, SYN_TRIES

UNLIKELY = 1e-3
"""The chance of so many losses of one packet in a row that they are not waited for."""
RTO_ROUND_TRIPS = 3
"""A new connection's retransmission timeout: the round trip and four times its half (RFC 6298)."""


def carries(spec: LinkSpec) -> bool:
    """Whether anything that asks for an answer can ever get one."""
    return all(lane.mean_loss < 1 for lane in (spec.uplink, spec.downlink))


def service_s(lane: LaneSpec, size_bytes: int) -> float:
    """The longest that so many bytes keep a lane busy that has nothing else to carry."""
    if lane.trace is not None:
        return longest_s(lane.trace, ceil(size_bytes / MTU_BYTES))
    return size_bytes * 8 / lane.rate_bps if lane.rate_bps is not None else 0.0


def longest_s(trace: RateTrace, packets: int = 1) -> float:
    """The longest that so many full packets may have to wait until the last is delivered."""
    passes, rest = divmod(packets, len(trace.delivery_ms))
    one_pass = np.array(trace.delivery_ms)
    ahead_ms = np.roll(one_pass, -rest) + trace.period_ms * passes
    ahead_ms[len(one_pass) - rest :] += trace.period_ms
    return float((ahead_ms - one_pass).max()) / 1000


def crossing_s(lane: LaneSpec, size_bytes: int = MTU_BYTES) -> float:
    """The longest that so many bytes take across a lane that has nothing else to carry.

    Unless they are lost. All of its outages may lie in their way, and each may hide what a trace
    would have delivered.
    """
    served_s, late_s = service_s(lane, size_bytes), TABLE_LIMIT * lane.jitter_s
    if lane.trace is not None:
        served_s *= 1 + len(lane.outages)
    return _out_s(lane) + served_s + lane.delay_s + late_s


def round_trip_s(spec: LinkSpec, up_bytes: int = MTU_BYTES, down_bytes: int = MTU_BYTES) -> float:
    """The longest that so many bytes and their answer take, unless they are lost."""
    return crossing_s(spec.uplink, up_bytes) + crossing_s(spec.downlink, down_bytes)


def exchange_s(spec: LinkSpec, up_bytes: int, down_bytes: int, turns: int = 1) -> float:
    """The longest that it is worth waiting for an answer over a TCP connection.

    up_bytes, down_bytes: the message and its answer. turns: how often both ends speak until it is
    there; all but the last say little, as in handshakes. What is lost is sent again after
    timeouts that double; more of these in a row than `UNLIKELY`, or than a kernel makes to
    connect, are not waited for.
    """
    small_s, timeout_s = round_trip_s(spec), timeout_of(spec)
    segments = [ceil(size / MSS_BYTES) for size in (up_bytes, down_bytes)]
    lost, packets = lost_share(spec), sum(segments) + turns
    growing = sum(ceil(log2(count / INITIAL_WINDOW + 1)) for count in segments)
    windows = max(growing, ceil(sum(segments) * sqrt(lost))) if carries(spec) else growing
    waits_s = (turns - 1 + windows) * small_s + repeats_s(spec)
    if carries(spec):
        waits_s += ceil(packets * lost) * timeout_s
    return round_trip_s(spec, _on_wire(up_bytes), _on_wire(down_bytes)) + waits_s


def timeout_of(spec: LinkSpec) -> float:
    """The longest retransmission timeout of a connection that nothing was lost of yet."""
    return min(RTO_MAX_S, max(SYN_TIMEOUT_S, RTO_ROUND_TRIPS * round_trip_s(spec)))


def repeats_s(spec: LinkSpec) -> float:
    """How long one packet may have to be sent again, until it and its answer get through.

    A sender that an outage has kept waiting waits as long again, at most, before it tries anew.
    """
    out_s = sum(map(_out_s, _lanes(spec)))
    lost = lost_share(spec)
    tries = min(SYN_TRIES, ceil(log(UNLIKELY) / log(lost))) if 0 < lost < 1 else 0
    timeout_s = timeout_of(spec)
    return out_s + sum(min(RTO_MAX_S, timeout_s * 2.0**again) for again in range(tries))


def lost_share(spec: LinkSpec) -> float:
    """The chance that a packet sent again, or its answer, is lost: once more, in a burst."""
    through = 1.0
    for lane in _lanes(spec):
        loss = lane.loss
        lost = lane.mean_loss
        if isinstance(loss, GilbertElliott) and lost > 0:
            lost = max(lost, (1 - loss.r) * loss.loss_bad + loss.r * loss.loss_good)
        through *= 1 - lost
    return 1 - through


def _lanes(spec: LinkSpec) -> tuple[LaneSpec, LaneSpec]:
    return spec.uplink, spec.downlink


def _out_s(lane: LaneSpec) -> float:
    return sum(outage.duration_s for outage in lane.outages)


def _on_wire(size_bytes: int) -> int:
    """So many bytes and their headers, as full packets."""
    return ceil(size_bytes / MSS_BYTES) * MTU_BYTES
