"""A TCP connection across an emulated link: two flows, each the other's way back."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from emulation.lane import lane_seeds
from emulation.spec import CongestionControl, LinkSpec
from emulation.transport.bbr import Bbr
from emulation.transport.congestion import Reno
from emulation.transport.crossing import Congestion
from emulation.transport.cubic import Cubic
from emulation.transport.flow import Flow
from emulation.transport.timers import SYN_TIMEOUT_S, SYN_TRIES
from emulation.transport.train_lane import TrainLane

SYN_BYTES = 60
"""IP and TCP header of a connection request with its usual options."""

KINDS: Mapping[CongestionControl, Callable[[float], Congestion]] = {
    "cubic": Cubic,
    "reno": Reno,
    "bbr": Bbr,
}
"""What limits the window of a new flow, given its first round trip in seconds."""


class Connection:
    """Both directions of an established connection: `up` (edge to server) and `down`.

    up_lane, down_lane: what they cross, which may be shared with other connections. rtt_s: what the
    handshake took; by default what it takes on an idle link. now_s: when it was established.
    """

    def __init__(
        self,
        up: TrainLane[Any],
        down: TrainLane[Any],
        congestion: CongestionControl,
        rtt_s: float | None = None,
        now_s: float = 0.0,
    ) -> None:
        if rtt_s is None:
            rtt_s = up.delay_s + down.delay_s + SYN_BYTES * (up.s_per_byte + down.s_per_byte)
        self.up_lane, self.down_lane = up, down
        self.up = Flow(up, down, KINDS[congestion](rtt_s), rtt_s, now_s)
        self.down = Flow(down, up, KINDS[congestion](rtt_s), rtt_s, now_s)


def open_connection(spec: LinkSpec, seed: int, now_s: float = 0.0) -> Connection:
    """A connection that has a link to itself, opened and established at `now_s`.

    The same seed loses the same packets as on a link opened with it: the handshake's three are
    taken from the losses, though none of them is lost here.
    """
    up, down = _lanes(spec, seed, now_s)
    up.losses(2)
    down.losses(1)
    return Connection(up, down, spec.congestion_control, now_s=now_s)


def dial(spec: LinkSpec, seed: int, now_s: float) -> tuple[Connection, float]:
    """The same, but established when its handshake has crossed the link, opened at `now_s`.

    Also returns when that is: infinity where it is given up, and the connection then is one that
    loses everything.
    """
    up, down = _lanes(spec, seed, now_s)
    established_s, rtt_s = _shake_hands(up, down, now_s)
    since_s = now_s if rtt_s is None else established_s
    return Connection(up, down, spec.congestion_control, rtt_s, since_s), established_s


def _lanes(spec: LinkSpec, seed: int, now_s: float) -> tuple[TrainLane[Any], TrainLane[Any]]:
    up_seed, down_seed = lane_seeds(seed)
    up = TrainLane[Any](spec.uplink, up_seed, now_s)
    return up, TrainLane[Any](spec.downlink, down_seed, now_s)


def _shake_hands(
    up: TrainLane[Any], down: TrainLane[Any], now_s: float
) -> tuple[float, float | None]:
    """When the edge knows that it is connected, and the round trip it has seen.

    A request or an answer that is lost is missed after a timeout that doubles each time (RFC 6298,
    section 5). The third packet goes with the first data, and nothing waits for it.
    """
    for attempt in range(SYN_TRIES):
        if not up.losses(1, SYN_BYTES):
            asked_s = up.cross(now_s, SYN_BYTES)
            if not down.losses(1, SYN_BYTES):
                answered_s = down.cross(asked_s, SYN_BYTES)
                up.losses(1)
                return answered_s, answered_s - now_s
        now_s += SYN_TIMEOUT_S * 2**attempt
    return inf, None
