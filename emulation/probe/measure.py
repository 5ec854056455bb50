"""Measures an open link before anything is asked of it: round trips, rates, losses.

Two small processes, one at each end (`end.py`), exchange UDP packets:

1. pings, sent at a steady pace whether or not answers come, so far apart that a lane that keeps
   order does not make one wait for another's jitter;
2. each way, many small packets at half the rate at most, so that no queue overflows and whatever
   is missing was lost at random;
3. each way, a train somewhat above the rate: what arrives per second is the rate.

`plan.py` derives how much of each, `expectation.py` says what should come out.
"""

import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from math import nan
from time import sleep
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emulation.host.child import Child
from emulation.link import Endpoint, Link
from emulation.probe.expectation import Achieved, Way
from emulation.probe.plan import (
    FEWEST_ARRIVALS,
    PING_PAYLOAD_BYTES,
    ProbeTrain,
    in_order,
    loss_train,
    pings,
    rate_train,
    silence_s,
)
from emulation.spec import LaneSpec, LinkSpec

LOOK_EVERY_S = 0.02
MOST_IDLE = 0.5
"""Of the time that a train took to arrive. Where the sender left the lane idle for more than that,
what it can send was measured, and not what the lane can carry."""
MOST_ON_LINE = 600
"""Arrivals that a line is laid through, about: the cost grows with their square."""
NOBODY = "no ping came by which the other end would know where to send"
PACE = ("count", "interval_s", "payload_bytes", "ahead_s", "service_s")
"""Of a train, what its sender is told."""

Address = tuple[str, int]
Seconds = NDArray[np.float64]


def probe_link(link: Link, spec: LinkSpec, seed: int = 0) -> Achieved:
    """Measure `link`, whose spec is needed to know how much to send, and how long to wait.

    Takes a few seconds, on slow or distant links a minute. What cannot be told is NaN, or None.
    seed: of the pings' spacing. Raises LinkFault when an end breaks.
    """
    with ExitStack() as stack:
        server, port = _open_end(stack, link.server)
        edge, _ = _open_end(stack, link.edge)
        peer = link.expose(port, "udp")
        round_trips_s, sent = _ping(edge, peer, spec, seed)
        up = _Direction(edge, server, peer, spec.uplink)
        down = _Direction(server, edge, None, spec.downlink)
        up_loss, down_loss = up.measure_loss(), down.measure_loss()
        return Achieved(
            rtt_p50_s=_quantile(round_trips_s, 0.5),
            rtt_p99_s=_quantile(round_trips_s, 0.99),
            pings_sent=sent,
            pings_answered=len(round_trips_s),
            uplink=up.measure_rate(up_loss),
            downlink=down.measure_rate(down_loss),
        )


def _open_end(stack: ExitStack, endpoint: Endpoint) -> tuple[Child, int]:
    """The process at one end (`end.py`) and its port. Raises LinkFault when it does not start."""
    argv = (*endpoint.argv_prefix, sys.executable, "-m", "emulation.probe.end")
    end = stack.enter_context(closing(Child(f"probe at the {endpoint.name}", argv)))
    return end, end.ask(do="bind", address=endpoint.address)["port"]


def _ping(edge: Child, peer: Address, spec: LinkSpec, seed: int) -> tuple[list[float], int]:
    """Round trips of those that came back, and how many pings were sent."""
    plan = pings(spec)
    spread = np.random.default_rng(seed).uniform(1.0, 1.5, plan.count)
    spacings_s = (plan.interval_s * spread).tolist()  # uneven, so as to keep step with nothing
    asked = {
        "payload_bytes": PING_PAYLOAD_BYTES,
        "patience_s": plan.patience_s,
        "in_order": in_order(spec.uplink, spec.downlink),
    }
    lasting_s = sum(spacings_s) + plan.patience_s
    answer = edge.ask(lasting_s, do="ping", peer=peer, spacings_s=spacings_s, **asked)
    return answer["round_trips_s"], plan.count


def _quantile(round_trips_s: list[float], share: float) -> float:
    return float(np.quantile(round_trips_s, share)) if round_trips_s else nan


@dataclass
class _Direction:
    """One direction: trains from `sender` to `receiver` (peer None: whoever pinged it)."""

    sender: Child
    receiver: Child
    peer: Address | None
    lane: LaneSpec
    trains: int = 0

    def measure_loss(self) -> Way:
        """Packets that came but that the receiving program did not fetch were not lost."""
        report = self._run(loss_train(self.lane))
        sent = report["sent"]
        received = min(sent, report["received"] + report["dropped"])
        loss = (sent - received) / sent if sent else nan
        return Way(None, 0.0, loss, sent, received, report["reordered"])

    def measure_rate(self, found: Way) -> Way:
        """How fast the lane carries what always waits in front of it, beside what was found."""
        train = rate_train(self.lane)
        if train.pointless or not found.sent:
            return replace(found, rate_untold=train.pointless or NOBODY)
        report = self._run(train)
        arrivals = self.receiver.ask(do="arrivals", train=self.trains)
        times_s, highest = np.array(arrivals["times_s"]), np.array(arrivals["highest"])
        busy_s = busy_times(times_s, highest, report["idle"])
        steady = self.lane.trace is None
        rate_bps, window_s = rate_of(train, busy_s, highest, found.loss, steady=steady)
        return replace(found, rate_bps=rate_bps, rate_window_s=window_s)

    def _run(self, train: ProbeTrain) -> dict[str, Any]:
        """Send a train; both ends' reports once all has come, or nothing more does."""
        self.trains += 1
        dropped_before = self.receiver.ask(do="report", train=self.trains)["dropped"]
        pace = {name: getattr(train, name) for name in PACE}
        lasting_s = train.count * train.interval_s
        done = self.sender.ask(lasting_s, do="train", peer=self.peer, train=self.trains, **pace)
        patience_s, waited_s = silence_s(self.lane, train), 0.0
        while True:
            report = self.receiver.ask(do="report", train=self.trains)
            if report["last"] == done["sent"] - 1 and in_order(self.lane):
                patience_s = LOOK_EVERY_S
            if report["received"] >= done["sent"] or min(waited_s, report["quiet_s"]) > patience_s:
                break
            sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
        report["dropped"] -= dropped_before
        return done | report


def busy_times(
    times_s: Seconds, highest: NDArray[np.int64], idle: Sequence[tuple[int, float]]
) -> Seconds:
    """Arrivals as they would have been, had the sender never left the lane without work.

    times_s, highest: (N,) when each datagram arrived, and the highest index by then. idle: before
    which index, and for how long, the lane had nothing to carry. They stay as they were where that
    was for more than MOST_IDLE of the time: taking it all out would find whatever was configured.
    """
    if not idle or len(times_s) == 0:
        return times_s
    indices, lasted_s = zip(*idle, strict=True)
    if sum(lasted_s) > MOST_IDLE * (times_s[-1] - times_s[0]):
        return times_s
    until_s = np.concatenate([[0.0], np.cumsum(lasted_s)])
    corrected: Seconds = times_s - until_s[np.searchsorted(indices, highest, side="right")]
    return corrected


def rate_of(
    train: ProbeTrain, times_s: Seconds, highest: NDArray[np.int64], loss: float, *, steady: bool
) -> tuple[float | None, float]:
    """Bits per second, and how long they were measured: from the first arrival to the last.

    times_s, highest: as `busy_times` gives and takes them. None: too few arrived to tell.
    steady: the lane's rate is, so that the slope of a line through the arrivals tells it; else it
    is the mean over the whole window. Jitter moves single arrivals and hardly the line, while the
    first and the last alone are off by a jitter or two: where order is kept, the last is always one
    of the late ones. The median of all pairs' slopes (Theil, 1950; Sen, 1968) also stands a host
    that stops for a moment.
    """
    window_s = float(times_s[-1] - times_s[0]) if len(times_s) >= FEWEST_ARRIVALS else 0.0
    if window_s <= 0:
        return None, window_s
    carried = _carried(highest, train.fragments, loss)
    per_s = carried[-1] / window_s
    if steady:
        every = max(1, len(times_s) // MOST_ON_LINE)
        per_s = _median_slope(times_s[::every], carried[::every])
    return float(per_s) * train.datagram_bytes * 8, window_s


def _median_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Median of the slopes between all pairs of points (Theil, 1950; Sen, 1968).

    Written out since scipy.stats, which has it, takes every run half a second to import.
    """
    apart_x, apart_y = x[:, np.newaxis] - x, y[:, np.newaxis] - y
    ahead = apart_x > 0
    return float(np.median(apart_y[ahead] / apart_x[ahead]))


def _carried(highest: NDArray[np.int64], fragments: int, loss: float) -> NDArray[np.float64]:
    """Datagrams' worth of bytes that the lane has carried by each arrival, counted from the first.

    What was lost used no rate, but of a datagram of several fragments that did not arrive, those
    did that were not lost: of fragments of which one at least was lost, the loss tells how many.
    """
    arrived: NDArray[np.float64] = np.arange(len(highest), dtype=np.float64)
    if fragments == 1 or loss == 0:
        return arrived
    missing: NDArray[np.float64] = highest - highest[0] - arrived
    whole = (1 - loss) ** fragments
    return arrived + missing * ((1 - loss) - whole) / (1 - whole)
