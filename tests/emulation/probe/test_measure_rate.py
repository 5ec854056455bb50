"""Rates estimated from what the lane law itself would deliver."""

from statistics import fmean, stdev

import numpy as np
import pytest

from emulation.lane import Lane
from emulation.probe.measure import Seconds, busy_times, rate_of
from emulation.probe.plan import FEWEST_ARRIVALS, ProbeTrain, rate_train
from emulation.spec import LaneSpec

LANES = [
    LaneSpec(rate_bps=12e6, delay_s=25e-3, jitter_s=4e-3, loss=0.001, queue_bytes=150_000),
    LaneSpec(rate_bps=2e6, delay_s=25e-3, jitter_s=20e-3, loss=0.02, queue_bytes=50_000),
    LaneSpec(rate_bps=40e6, delay_s=25e-3, jitter_s=4e-3, queue_bytes=500_000, reorder=True),
]


BOTH = (False, True)


def arrivals(spec: LaneSpec, train: ProbeTrain, seed: int) -> tuple[Seconds, np.ndarray]:
    lane: Lane[int] = Lane(spec, seed)
    came = []
    for index in range(train.count):
        sent_s = max(0.0, index * train.interval_s - train.ahead_s)
        arrival_s = lane.offer(sent_s, train.datagram_bytes, index)
        if arrival_s is not None:
            came.append((arrival_s, index))
    times_s, indices = np.array(sorted(came)).T
    return times_s, np.maximum.accumulate(indices.astype(np.int64))


@pytest.mark.parametrize("spec", LANES)
def test_jitter_neither_biases_a_steady_rate_nor_spreads_it(spec: LaneSpec) -> None:
    assert spec.rate_bps is not None
    train = rate_train(spec)
    found = []
    for seed in range(50):
        rate_bps, window_s = rate_of(train, *arrivals(spec, train, seed), 0.0, steady=True)
        assert rate_bps is not None
        found.append(rate_bps / spec.rate_bps)
    assert fmean(found) == pytest.approx(1, abs=0.002)
    assert stdev(found) < 0.5 * spec.jitter_s / window_s


def test_what_the_sender_left_idle_is_not_counted() -> None:
    """Late by 90 ms once: the 51st datagram, and all after it."""
    train = ProbeTrain(101, 1e-3, 1000, 0.0, 1e-3)
    times_s: Seconds = np.arange(101, dtype=np.float64) * 1e-3
    times_s[50:] += 0.09
    busy_s = busy_times(times_s, np.arange(101), [(50, 0.09)])
    estimates = [rate_of(train, busy_s, np.arange(101), 0.0, steady=steady)[0] for steady in BOTH]
    assert estimates == [pytest.approx(8e6)] * 2


def test_a_lane_that_the_sender_left_idle_for_the_most_part_is_not_what_was_configured() -> None:
    """A datagram every 5 ms, of a lane that would carry one in 1 ms."""
    train = ProbeTrain(101, 1e-3, 1000, 0.0, 1e-3)
    times_s: Seconds = np.arange(101, dtype=np.float64) * 5e-3
    busy_s = busy_times(times_s, np.arange(101), [(place, 4e-3) for place in range(1, 101)])
    estimates = [rate_of(train, busy_s, np.arange(101), 0.0, steady=steady)[0] for steady in BOTH]
    assert estimates == [pytest.approx(8e6 / 5)] * 2


def test_a_host_that_stops_for_a_moment_does_not_make_a_lane_slow() -> None:
    """What should have come within 80 ms came at the end of them, all at once."""
    train = ProbeTrain(401, 1e-3, 1000, 0.0, 1e-3)
    times_s: Seconds = np.arange(401, dtype=np.float64) * 1e-3
    times_s[200:280] = times_s[279]
    rate_bps, _ = rate_of(train, times_s, np.arange(401), 0.0, steady=True)
    assert rate_bps == pytest.approx(8e6, rel=0.005)


def test_fragments_that_used_the_lane_count_though_their_datagram_never_came() -> None:
    """Of ten fragments each with 10 % loss; every other datagram is missing."""
    train = ProbeTrain(101, 1e-3, 10_000, 0.0, 1e-3, fragments=10)
    highest = np.arange(0, 101, 2)
    times_s: Seconds = highest.astype(np.float64) * 1e-3
    surviving = (0.9 - 0.9**10) / (1 - 0.9**10)
    for steady in BOTH:
        rate_bps, _ = rate_of(train, times_s, highest, 0.1, steady=steady)
        assert rate_bps == pytest.approx((1 + surviving) / 2 * 80e6)


def test_too_few_arrivals_say_nothing() -> None:
    few = np.arange(FEWEST_ARRIVALS - 1)
    times_s: Seconds = few.astype(np.float64) * 1e-3
    train = ProbeTrain(100, 1e-3, 1000, 0.0, 1e-3)
    rates = [rate_of(train, times_s, few, 0.0, steady=steady)[0] for steady in BOTH]
    assert rates == [None, None]
