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
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from time import sleep
from typing import Any

import numpy as np

from emulation.errors import LinkFault
from emulation.host.child import Child
from emulation.link import Endpoint, Link
from emulation.probe.expectation import Achieved, Tolerance, check, expected_rtt_s
from emulation.probe.plan import ProbeTrain, latest_s, loss_train, pings, rate_train
from emulation.probe.rate_estimate import busy_times, rate_within, steady_rate
from emulation.spec import LaneSpec, LinkSpec

__all__ = ["Achieved", "Tolerance", "check", "expected_rtt_s", "probe_link"]

LOOK_EVERY_S = 0.02

Address = tuple[str, int]


def probe_link(link: Link, spec: LinkSpec, seed: int = 0) -> Achieved:
    """Measure `link`, whose spec is needed to know how much to send; takes a few seconds.

    seed: of the pings' spacing. Raises LinkFault when an end breaks or no ping comes back.
    """
    with ExitStack() as stack:
        server = stack.enter_context(closing(End(link.server)))
        edge = stack.enter_context(closing(End(link.edge)))
        peer = link.expose(server.port, "udp")
        round_trips_s, sent = _ping(edge, peer, spec, seed)
        up = _Way(edge, server, peer, spec.uplink)
        down = _Way(server, edge, None, spec.downlink)
        up_loss, down_loss = up.measure_loss(), down.measure_loss()
        up_rate, down_rate = up.measure_rate(up_loss), down.measure_rate(down_loss)
    return Achieved(
        rtt_p50_s=float(np.median(round_trips_s)),
        rtt_p99_s=float(np.quantile(round_trips_s, 0.99)),
        pings_sent=sent,
        pings_answered=len(round_trips_s),
        uplink_rate_bps=up_rate.rate_bps,
        uplink_rate_window_s=up_rate.window_s,
        uplink_loss=up_loss.share,
        uplink_sent=up_loss.sent,
        uplink_received=up_loss.received,
        uplink_reordered=up_loss.reordered,
        downlink_rate_bps=down_rate.rate_bps,
        downlink_rate_window_s=down_rate.window_s,
        downlink_loss=down_loss.share,
        downlink_sent=down_loss.sent,
        downlink_received=down_loss.received,
        downlink_reordered=down_loss.reordered,
    )


class End:
    """The process at one end; `ask` has it do something, see `end.py`."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raises LinkFault when it does not start."""
        argv = (*endpoint.argv_prefix, sys.executable, "-m", "emulation.probe.end")
        self._child = Child(f"probe at the {endpoint.name}", argv)
        try:
            self.port: int = self.ask("bind", address=endpoint.address)["port"]
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        self._child.close()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Have one command done. Raises LinkFault when no answer comes in time."""
        return self._child.ask({"do": do, **arguments})


def _ping(edge: End, peer: Address, spec: LinkSpec, seed: int) -> tuple[list[float], int]:
    """Round trips, and how many pings were sent. Raises LinkFault when none came back."""
    plan = pings(spec)
    spread = np.random.default_rng(seed).uniform(1.0, 1.5, plan.count)
    spacings_s = (plan.interval_s * spread).tolist()  # uneven, so as to keep step with nothing
    answer = edge.ask(
        "ping",
        peer=peer,
        spacings_s=spacings_s,
        payload_bytes=plan.payload_bytes,
        patience_s=plan.patience_s,
    )
    round_trips_s: list[float] = answer["round_trips_s"]
    if not round_trips_s:
        raise LinkFault(f"probe: of {plan.count} pings none came back")
    return round_trips_s, plan.count


@dataclass(frozen=True, slots=True)
class _Loss:
    sent: int
    received: int
    reordered: int

    @property
    def share(self) -> float:
        return (self.sent - self.received) / self.sent if self.sent else 1.0


@dataclass(frozen=True, slots=True)
class _Rate:
    rate_bps: float | None
    window_s: float


class _Way:
    """One direction: trains from `sender` to `receiver` (peer None: whoever pinged it)."""

    def __init__(self, sender: End, receiver: End, peer: Address | None, lane: LaneSpec) -> None:
        self._sender = sender
        self._receiver = receiver
        self._peer = peer
        self._lane = lane
        self._trains = 0

    def measure_loss(self) -> _Loss:
        """Packets that came but that the receiving program did not fetch were not lost."""
        report = self._run(loss_train(self._lane))
        received = min(report["sent"], report["received"] + report["dropped"])
        return _Loss(report["sent"], received, report["reordered"])

    def measure_rate(self, loss: _Loss) -> _Rate:
        """How fast the lane carries what always waits in front of it."""
        train = rate_train(self._lane)
        report = self._run(train)
        arrivals = self._receiver.ask("arrivals", train=self._trains)
        estimate = steady_rate if self._lane.trace is None else rate_within
        times_s, highest = np.array(arrivals["times_s"]), np.array(arrivals["highest"])
        busy_s = busy_times(times_s, highest, report["idle"])
        return _Rate(*estimate(train, busy_s, highest, loss.share))

    def _run(self, train: ProbeTrain) -> dict[str, Any]:
        """Send a train; both ends' reports once all has come, or nothing more does."""
        self._trains += 1
        dropped_before = self._receiver.ask("report", train=self._trains)["dropped"]
        done = self._sender.ask(
            "train",
            peer=self._peer,
            train=self._trains,
            plan=asdict(train),
        )
        patience_s = latest_s(self._lane)
        waited_s = 0.0
        while True:
            report = self._receiver.ask("report", train=self._trains)
            if report["received"] >= done["sent"] or min(waited_s, report["quiet_s"]) > patience_s:
                break
            sleep(LOOK_EVERY_S)
            waited_s += LOOK_EVERY_S
        report["dropped"] -= dropped_before
        return done | report
