"""What the probe sends must not disturb what it measures; checked on lanes."""

import pytest

from emulation.lane import Lane
from emulation.probe.plan import ProbeTrain, loss_train, pings, rate_train
from emulation.spec import MTU_BYTES, GilbertElliott, LaneSpec, LinkSpec
from emulation.trace import RateTrace

LANES = [
    LaneSpec(rate_bps=1e6, delay_s=0.05, queue_bytes=20_000),
    LaneSpec(rate_bps=10e6, delay_s=0.02),
    LaneSpec(rate_bps=10e6, queue_bytes=1500),
    LaneSpec(rate_bps=100e6, delay_s=0.005, loss=0.05),
    LaneSpec(rate_bps=1e9, delay_s=0.0001),
    LaneSpec(rate_bps=1e9, queue_bytes=200_000, loss=0.01),
    LaneSpec(rate_bps=10e6, loss=GilbertElliott(0.02, 0.2)),
]


def send(lane: Lane[int], train: ProbeTrain) -> list[float]:
    """Arrival times of the datagrams, sent exactly as planned."""
    arrivals: list[float] = []
    for index in range(train.count):
        at_s = max(0.0, index * train.interval_s - train.ahead_s)
        fragments = [
            lane.offer(at_s, train.datagram_bytes // train.fragments, index)
            for _ in range(train.fragments)
        ]
        if None not in fragments:
            arrivals.append(max(at for at in fragments if at is not None))
    return arrivals


@pytest.mark.parametrize("spec", LANES)
def test_the_train_for_loss_overflows_nothing(spec: LaneSpec) -> None:
    lane: Lane[int] = Lane(spec, seed=1)
    train = loss_train(spec)
    send(lane, train)
    assert lane.counters().overflowed_packets == 0
    assert train.count >= 200
    assert train.count * train.interval_s < 2.5
    sent_ahead = train.ahead_s / train.interval_s
    assert sent_ahead < max(1, spec.queue_bytes // MTU_BYTES)  # netem counts packets, not bytes


@pytest.mark.parametrize("spec", LANES)
def test_the_train_for_the_rate_keeps_the_lane_busy(spec: LaneSpec) -> None:
    lane: Lane[int] = Lane(spec, seed=1)
    train = rate_train(spec)
    arrivals = send(lane, train)
    assert spec.rate_bps is not None
    lane.due(1e9)
    busy_s = lane.counters().delivered_bytes * 8 / spec.rate_bps
    assert busy_s >= 0.94 * lane.free_at_s()
    assert len(arrivals) >= 20
    assert train.count * train.interval_s < 1.0


@pytest.mark.parametrize("spec", LANES)
def test_datagrams_of_fragments_overflow_nothing(spec: LaneSpec) -> None:
    train = rate_train(spec)
    if train.fragments > 1:
        lane: Lane[int] = Lane(spec, seed=1)
        send(lane, train)
        assert lane.counters().overflowed_packets == 0


def test_the_train_for_the_rate_leaves_no_delivery_of_a_trace_unused() -> None:
    trace = RateTrace("steps", (*range(1, 501), *range(505, 1001, 5)))
    for opened_s in (0.0, 0.3, 0.45, 0.9):
        lane: Lane[int] = Lane(LaneSpec(trace=trace), seed=1, opened_s=-opened_s)
        arrivals = send(lane, rate_train(LaneSpec(trace=trace)))
        first, last = (round((at_s + opened_s) * 1000) for at_s in (arrivals[0], arrivals[-1]))
        deliveries = [ms + passed for passed in range(0, 5000, 1000) for ms in trace.delivery_ms]
        assert len(arrivals) == sum(first <= ms <= last for ms in deliveries)


def test_a_trace_that_stands_still_does_not_overflow_the_train_for_loss() -> None:
    spec = LaneSpec(trace=RateTrace("still", (1, 5000)), queue_bytes=50_000)
    lane: Lane[int] = Lane(spec, seed=1)
    send(lane, loss_train(spec))
    assert lane.counters().overflowed_packets == 0


SLOW = [
    LaneSpec(rate_bps=rate_bps, queue_bytes=queue_bytes, jitter_s=jitter_s)
    for rate_bps in (9600.0, 19_200.0, 64_000.0)
    for queue_bytes in (1500, 20_000)
    for jitter_s in (0.0, 0.3)
]


@pytest.mark.parametrize("spec", SLOW)
def test_a_slow_lane_is_measured_within_seconds_by_packets_enough(spec: LaneSpec) -> None:
    rate, loss = rate_train(spec), loss_train(spec)
    assert not rate.pointless
    assert rate.count >= 30
    assert rate.payload_bytes >= 8  # kind, train and number
    for train in (rate, loss):
        lane: Lane[int] = Lane(spec, seed=1)
        assert send(lane, train)[-1] < 15
    assert loss.count >= 90


@pytest.mark.parametrize(
    ("lane", "why"),
    [
        (LaneSpec(rate_bps=46e6, loss=0.94), ""),
        (LaneSpec(rate_bps=46e6, loss=0.97), "97.000% of all packets are lost"),
        (LaneSpec(loss=1.0), "100.000% of all packets are lost"),
        (LaneSpec(rate_bps=10e9, loss=0.01), ""),
        (LaneSpec(rate_bps=10e9, loss=0.3), "30.000% of all packets are lost"),
    ],
)
def test_what_cannot_be_told_of_a_lossy_lane_is_said(lane: LaneSpec, why: str) -> None:
    assert rate_train(lane).pointless == why


def test_pings_are_fewer_where_they_must_be_far_apart() -> None:
    for jitter_s, least in ((0.3, 20), (1.0, 10), (5.0, 5)):
        plan = pings(LinkSpec(LaneSpec(jitter_s=jitter_s), LaneSpec()))
        assert plan.count >= least
        assert plan.count * plan.interval_s <= max(30, 5 * 3 * jitter_s)


def test_pings_keep_clear_of_one_another() -> None:
    plan = pings(LinkSpec(LANES[1], LANES[1]))
    assert plan.interval_s == 0.005
    assert plan.count >= 100
    jittery = LaneSpec(delay_s=0.1, jitter_s=0.02)
    assert pings(LinkSpec(jittery, LANES[1])).interval_s == pytest.approx(0.06)
    slow = LaneSpec(rate_bps=64e3)
    assert pings(LinkSpec(LANES[1], slow)).interval_s == pytest.approx(4 * 64 * 8 / 64e3)
