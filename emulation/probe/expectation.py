"""What a probe should find on a link of a given spec, and whether it did."""

from dataclasses import dataclass
from math import prod, sqrt

import numpy as np
from scipy.special import ndtri

from emulation import binomial
from emulation.lane.jitter import Samples, deviations
from emulation.patience import longest_s
from emulation.spec import GilbertElliott, LaneSpec, LinkSpec
from emulation.trace import PACKET_BITS, RateTrace

PING_BYTES = 64
"""IP bytes of a probe's ping, both ways."""
RTT_FLOOR_S = 1e-3
"""No round trip is held to less than this: timers and schedulers of two hosts are in it."""
CONFIDENCE = 0.99
JITTERS_PER_WINDOW = 2
_SAMPLES = 20_001


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far the link may be from what was configured, as a share of it."""

    rate: float = 0.05
    rtt: float = 0.05


@dataclass(frozen=True, slots=True)
class Way:
    """What a probe measured of one direction.

    rate_bps: at the IP layer, measured for rate_window_s; None when too little arrived to tell.
    loss: of `sent` packets `received` arrived, the rest was lost (packets that the receiving
    program failed to fetch count as arrived); NaN where none was sent. rate_untold: why the rate
    was not measured; empty where it was.
    """

    rate_bps: float | None
    rate_window_s: float
    loss: float
    sent: int
    received: int
    reordered: int
    rate_untold: str = ""


@dataclass(frozen=True, slots=True)
class Achieved:
    """What a probe measured. Round trips are NaN where no ping came back."""

    rtt_p50_s: float
    rtt_p99_s: float
    pings_sent: int
    pings_answered: int
    uplink: Way
    downlink: Way


def expected_rtt_s(spec: LinkSpec, ping_bytes: int = PING_BYTES) -> float:
    """Median round trip of a ping on an idle link: delays, jitter, and the time at the rate.

    On a trace the wait for a delivery comes on top, see `check`.
    """
    return float(np.median(_round_trips(spec, ping_bytes)))


def check(achieved: Achieved, spec: LinkSpec, tolerance: Tolerance) -> list[str]:
    """In what the link is not the one configured, one line each; empty when it is."""
    found = [_rtt_violation(achieved, spec, tolerance.rtt)]
    for name, lane, way in (
        ("uplink", spec.uplink, achieved.uplink),
        ("downlink", spec.downlink, achieved.downlink),
    ):
        found += [
            _rate_violation(name, lane, way, tolerance.rate),
            _loss_violation(name, lane, way),
        ]
    return [violation for violation in found if violation is not None]


def _rtt_violation(achieved: Achieved, spec: LinkSpec, share: float) -> str | None:
    """The median must lie where the medians of so many pings do, give or take the tolerance.

    For n draws from any law, the sample median lies between that law's quantiles
    1/2 - z/(2 sqrt n) and 1/2 + z/(2 sqrt n), z = 2.58, in 99 % of cases (order statistics), so
    jitter needs no allowance of its own. On traces up to the longest wait for a delivery is added.
    Where no ping came back, that must have a chance of 1 % at least.
    """
    if not achieved.pings_answered:
        return _unanswered(achieved.pings_sent, spec)
    round_trips = _round_trips(spec, PING_BYTES)
    either_side = float(ndtri((1 + CONFIDENCE) / 2)) / (2 * sqrt(max(1, achieved.pings_answered)))
    low_s, high_s = np.quantile(
        round_trips, [max(0.0, 0.5 - either_side), min(1.0, 0.5 + either_side)]
    )
    slack_s = max(RTT_FLOOR_S, share * float(np.median(round_trips)))
    traces = (spec.uplink.trace, spec.downlink.trace)
    waits_s = sum(longest_s(trace) for trace in traces if trace is not None)
    low_s, high_s = low_s - slack_s, high_s + slack_s + waits_s
    if low_s <= achieved.rtt_p50_s <= high_s:
        return None
    return (
        f"RTT: median {achieved.rtt_p50_s * 1e3:.3f} ms of {achieved.pings_answered} pings, "
        f"allowed: {low_s * 1e3:.3f} to {high_s * 1e3:.3f} ms"
    )


def _unanswered(pings: int, spec: LinkSpec) -> str | None:
    """Of pings that all were lost, whether so many can be by chance."""
    lanes = (spec.uplink, spec.downlink)
    trials = pings / max(_variance_inflation(lane.loss) for lane in lanes)
    lost = 1 - prod(1 - lane.mean_loss for lane in lanes)
    return None if lost**trials >= 1 - CONFIDENCE else f"RTT: of {pings} pings none came back"


def _rate_violation(name: str, lane: LaneSpec, way: Way, share: float) -> str | None:
    """A rate is compared with the configured one, a trace's with all its windows that long.

    Each packet has a delay of its own, which moves a line through the arrivals of a window by about
    a quarter of the jitter (standard deviation, on lanes from 1 to 50 Mbit/s), half of it where a
    window has only some forty packets: twice the jitter is allowed for.
    """
    if way.rate_untold:
        return None
    rate_bps, window_s = way.rate_bps, way.rate_window_s
    share += JITTERS_PER_WINDOW * lane.jitter_s / window_s if window_s > 0 else 0.0
    if lane.trace is not None:
        slowest_bps, fastest_bps = rates_within(lane.trace, window_s)
    elif lane.rate_bps is not None:
        slowest_bps = fastest_bps = lane.rate_bps
    else:
        return None
    low_bps, high_bps = slowest_bps * (1 - share), fastest_bps * (1 + share)
    if rate_bps is not None and low_bps <= rate_bps <= high_bps:
        return None
    measured = "too little arrived to tell" if rate_bps is None else f"{rate_bps / 1e6:.3f} Mbit/s"
    return f"{name} rate: {measured}, allowed: {low_bps / 1e6:.3f} to {high_bps / 1e6:.3f} Mbit/s"


def _loss_violation(name: str, lane: LaneSpec, way: Way) -> str | None:
    """The packets lost must be a number that the configured loss gives in 99 % of cases.

    Losses in bursts say less than as many independent ones: the trials are counted as the smaller
    number that has the same variance.
    """
    if not way.sent:
        return None
    trials = max(1, round(way.sent / _variance_inflation(lane.loss)))
    low, high = (
        binomial.quantile(share, trials, lane.mean_loss) / trials
        for share in ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
    )
    if low <= way.loss <= high:
        return None
    return (
        f"{name} loss: {way.loss:.2%} of {way.sent} packets, allowed: {low:.2%} to {high:.2%} "
        f"(configured {lane.mean_loss:.2%})"
    )


def _variance_inflation(loss: float | GilbertElliott) -> float:
    """Variance of a count of losses over that of independent ones; 1 unless they come in bursts.

    The states of the two-state chain are correlated by (1 - p - r) a step; summed over all lags.
    """
    if not isinstance(loss, GilbertElliott) or not 0 < loss.mean < 1:
        return 1.0
    bad = loss.p / (loss.p + loss.r)
    memory = 1 - loss.p - loss.r
    between_states = bad * (1 - bad) * (loss.loss_bad - loss.loss_good) ** 2
    correlation = between_states / (loss.mean * (1 - loss.mean))
    return max(1.0, 1 + 2 * correlation * memory / (1 - memory))


def _round_trips(spec: LinkSpec, ping_bytes: int) -> Samples:
    """Round trips of many pings that meet an idle link, drawn with a fixed seed."""
    rng = np.random.default_rng(0)
    total = np.zeros(_SAMPLES)
    for lane in (spec.uplink, spec.downlink):
        spread = lane.jitter_s * deviations(lane.distribution, rng, _SAMPLES)
        total += np.maximum(lane.delay_s + spread, 0.0)
        if lane.rate_bps is not None:
            total += ping_bytes * 8 / lane.rate_bps
    return total


def rates_within(trace: RateTrace, window_s: float) -> tuple[float, float]:
    """Least and most that the trace delivers in any window of this length, bits per second."""
    window_ms = max(1.0, window_s * 1000)
    passes = int(window_ms // trace.period_ms) + 2
    one_pass = np.array(trace.delivery_ms)
    times_ms = np.concatenate([one_pass + n * trace.period_ms for n in range(passes)])
    starts_ms = np.unique(np.concatenate([one_pass, one_pass + 1, [0]]))
    counts = np.searchsorted(times_ms, starts_ms + window_ms) - np.searchsorted(times_ms, starts_ms)
    bits_per_packet_bps = PACKET_BITS / (window_ms / 1000)
    fewest, most = max(0, counts.min() - 1), counts.max() + 1  # the ends of the window fall anyhow
    return float(fewest * bits_per_packet_bps), float(most * bits_per_packet_bps)
