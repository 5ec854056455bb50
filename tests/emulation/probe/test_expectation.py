"""The judge of probes: passes what a link of the spec gives, and catches what it does not."""

from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from emulation.lane import Lane
from emulation.probe.expectation import Achieved, Tolerance, Way, check, expected_rtt_s
from emulation.spec import GilbertElliott, LaneSpec, LinkSpec
from emulation.trace import RateTrace

LANE = LaneSpec(rate_bps=10e6, delay_s=0.02, loss=0.01)
SPEC = LinkSpec(LANE, LANE)
WAY = Way(9.98e6, 0.4, loss=0.01, sent=3000, received=2970, reordered=0)
GOOD = Achieved(
    rtt_p50_s=0.0401,
    rtt_p99_s=0.0412,
    pings_sent=100,
    pings_answered=98,
    uplink=WAY,
    downlink=replace(WAY, rate_bps=10.01e6),
)


def violations(spec: LinkSpec = SPEC, **found: object) -> list[str]:
    """found: values by the names of `Achieved.as_dict`."""
    achieved = GOOD
    for name, value in found.items():
        way, _, field = name.partition("_")
        if way in ("uplink", "downlink"):
            measured = replace(getattr(achieved, way), **{field: value})
            loss = (measured.sent - measured.received) / measured.sent
            changed: dict[str, Any] = {way: replace(measured, loss=loss)}
        else:
            changed = {name: value}
        achieved = replace(achieved, **changed)
    return check(achieved, spec, Tolerance())


def test_the_link_that_was_configured_passes() -> None:
    assert violations() == []


@pytest.mark.parametrize("rtt_s", [0.0379, 0.0423])
def test_a_wrong_round_trip_is_told(rtt_s: float) -> None:
    (line,) = violations(rtt_p50_s=rtt_s)
    assert line.startswith(f"RTT: median {rtt_s * 1e3:.3f} ms of 98 pings, allowed: 38.")


def test_short_round_trips_are_held_to_a_millisecond() -> None:
    near = LinkSpec(LaneSpec(delay_s=0.0001), LaneSpec(delay_s=0.0001))
    lossless = {"uplink_received": 3000, "downlink_received": 3000}
    assert violations(near, rtt_p50_s=0.0011, **lossless) == []
    assert len(violations(near, rtt_p50_s=0.0013, **lossless)) == 1


@pytest.mark.parametrize("rate_bps", [9.4e6, 10.6e6, None])
def test_a_wrong_rate_is_told(rate_bps: float | None) -> None:
    (line,) = violations(downlink_rate_bps=rate_bps)
    assert line.startswith("downlink rate: ")
    assert line.endswith("allowed: 9.500 to 10.500 Mbit/s")


def test_an_unlimited_rate_is_not_judged() -> None:
    spec = LinkSpec(replace(LANE, rate_bps=None), LANE)
    assert violations(spec, uplink_rate_bps=None) == []


def test_loss_outside_its_interval_is_told() -> None:
    low, high = binom.interval(0.99, 3000, 0.01)
    for lost in (low, high):
        assert violations(uplink_received=3000 - int(lost)) == []
    for lost in (low - 1, high + 1):
        (line,) = violations(uplink_received=3000 - int(lost))
        assert line.startswith("uplink loss: ")
        assert "(configured 1.00%)" in line


def test_any_loss_is_too_much_where_none_was_asked_for() -> None:
    lossless = replace(LANE, loss=0.0)
    spec = LinkSpec(lossless, lossless)
    assert violations(spec, uplink_received=3000, downlink_received=3000) == []
    assert len(violations(spec, uplink_received=2999, downlink_received=3000)) == 1


def test_bursts_are_judged_by_the_independent_losses_they_are_worth() -> None:
    """The interval must hold 99 % of what the two-state process really loses."""
    spec = GilbertElliott(0.01, 0.1)
    bursty = LinkSpec(replace(LANE, loss=spec, queue_bytes=10**9), replace(LANE, loss=0.01))
    rejected = 0
    for seed in range(300):
        lane: Lane[None] = Lane(bursty.uplink, seed)
        received = sum(lane.offer(0.0, 64, None) is not None for _ in range(3000))
        rejected += violations(bursty, uplink_received=received) != []
    assert rejected <= 12


@pytest.mark.parametrize("distribution", ["normal", "uniform", "pareto"])
def test_jitter_is_allowed_what_chance_gives_it_and_no_more(distribution: str) -> None:
    """Medians of few pings on a lane with much jitter: 99 of 100 pass, a shifted lane does not."""
    lane = LaneSpec(delay_s=0.1, jitter_s=0.03, distribution=distribution)  # type: ignore[arg-type]
    spec = LinkSpec(lane, lane)
    rng = np.random.default_rng(1)
    passed = shifted = 0
    for trial in range(100):
        up, down = Lane[int](lane, trial), Lane[int](lane, 1000 + trial)
        rtts = []
        for n in range(40):
            there = up.offer(n * 10.0, 64, n)
            assert there is not None
            back = down.offer(there, 64, n)
            assert back is not None
            rtts.append(back - n * 10.0)
        found = {"rtt_p50_s": float(np.median(rtts)), "pings_answered": 40}
        lossless = {"uplink_received": 3000, "downlink_received": 3000}
        passed += violations(spec, **found, **lossless) == []
        found["rtt_p50_s"] += 0.08 * rng.choice([-1, 1])
        shifted += violations(spec, **found, **lossless) != []
    assert passed >= 96
    assert shifted == 100


def test_expected_round_trips_include_the_time_at_the_rate() -> None:
    assert expected_rtt_s(SPEC, 1250) == pytest.approx(0.042)


def test_a_trace_is_compared_with_its_own_windows() -> None:
    trace = RateTrace("steps", (*range(1, 501), *range(505, 1001, 5)))  # 12 then 2.4 Mbit/s
    traced = LinkSpec(LaneSpec(trace=trace, delay_s=0.02), replace(LANE, rate_bps=None))
    found = {"uplink_received": 3000, "uplink_rate_window_s": 0.3}
    for rate_bps in (2.4e6, 7e6, 12e6):
        assert violations(traced, uplink_rate_bps=rate_bps, **found) == []
    for rate_bps in (2.0e6, 13.5e6):
        (line,) = violations(traced, uplink_rate_bps=rate_bps, **found)
        assert line.startswith("uplink rate")
    found["uplink_rate_window_s"] = 1.0
    assert violations(traced, uplink_rate_bps=7.2e6, **found) == []
    assert len(violations(traced, uplink_rate_bps=5e6, **found)) == 1


def test_a_ping_may_wait_for_its_delivery_on_a_trace() -> None:
    trace = RateTrace("slow", tuple(range(0, 1001, 50)))
    traced = LinkSpec(LaneSpec(trace=trace, delay_s=0.02), replace(LANE, rate_bps=None))
    found = {"uplink_received": 3000, "uplink_rate_bps": 20 * 12e3}
    assert violations(traced, rtt_p50_s=0.065, **found) == []
    assert len(violations(traced, rtt_p50_s=0.095, **found)) == 1


@pytest.mark.parametrize(("loss", "told"), [(1.0, False), (0.9, False), (0.5, True), (0.01, True)])
def test_pings_that_all_were_lost_are_told_unless_chance_may_do_that(
    loss: float, told: bool
) -> None:
    """100 pings both ways at 90 % each: a third of all probes hear nothing."""
    lossy = LinkSpec(replace(LANE, loss=loss), replace(LANE, loss=loss))
    silent = replace(GOOD, rtt_p50_s=nan, rtt_p99_s=nan, pings_answered=0)
    found = [line for line in check(silent, lossy, Tolerance()) if line.startswith("RTT")]
    assert found == (["RTT: of 100 pings none came back"] if told else [])


def test_a_deaf_lane_is_as_configured_and_the_other_is_not_held_to_what_nobody_could_measure() -> (
    None
):
    deaf = LinkSpec(replace(LANE, loss=1.0), LANE)
    up = Way(None, 0.0, loss=1.0, sent=3000, received=0, reordered=0, rate_untold="all is lost")
    down = Way(None, 0.0, loss=nan, sent=0, received=0, reordered=0, rate_untold="nobody asked")
    achieved = Achieved(nan, nan, 140, 0, up, down)
    assert check(achieved, deaf, Tolerance()) == []
    assert [line.split(":")[0] for line in check(achieved, SPEC, Tolerance())] == [
        "RTT",
        "uplink loss",
    ]
