"""A train fares as its packets would, offered one by one to a lane."""

from statistics import median

import pytest

from emulation.lane import Lane
from emulation.queues import POLICIES, QueuePolicy
from emulation.queues.codel import CoDel
from emulation.spec import GilbertElliott, LaneSpec, Outage
from emulation.trace import RateTrace
from emulation.transport.train_lane import TrainLane

TRACE = RateTrace("uneven", (3, 4, 4, 20, 21, 22, 40))
SPECS = {
    "rate": LaneSpec(rate_bps=10e6, delay_s=0.02),
    "unlimited": LaneSpec(delay_s=0.02),
    "outage": LaneSpec(rate_bps=10e6, delay_s=0.02, outages=(Outage(0.01, 0.3),)),
    "trace": LaneSpec(trace=TRACE, delay_s=0.02),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_train_is_served_when_its_last_packet_would_be(spec: LaneSpec) -> None:
    lane, path = Lane[None](spec, seed=1), TrainLane[None](spec, seed=1)
    for now_s, packets in ((0.0, 10), (0.005, 40), (2.0, 1)):
        arrivals = [lane.offer(now_s, 1500, None) for _ in range(packets)]
        served_s = path.train(now_s, packets, 1500 * packets)
        assert path.arrival_s(served_s, packets) == pytest.approx(arrivals[-1])
        assert path.backlog_bytes(now_s) == pytest.approx(lane.backlog_bytes(now_s))


@pytest.mark.parametrize("loss", [0.05, GilbertElliott(0.02, 0.3)])
def test_a_seed_loses_the_same_packets_as_one_by_one(loss: float | GilbertElliott) -> None:
    spec = LaneSpec(rate_bps=10e6, loss=loss)
    lane, path = Lane[None](spec, seed=5), TrainLane[None](spec, seed=5)
    one_by_one = [i for i in range(3000) if lane.offer(float(i), 1500, None) is None]
    lost: list[int] = []
    for first in range(0, 3000, 60):
        lost += [first + position for position in path.losses(60)]
    assert lost == one_by_one
    assert path.counters().lost_packets == lane.counters().lost_packets > 50


def test_single_packets_and_trains_share_the_queue() -> None:
    path = TrainLane[str](LaneSpec(rate_bps=12e6, delay_s=0.01), seed=1)
    path.train(0.0, 10, 15_000)
    assert path.offer(0.0, 1500, "behind") == pytest.approx(11 * 1e-3 + 0.01)
    assert path.train(0.0, 1, 1500) == pytest.approx(12 * 1e-3)


def test_what_was_offered_is_counted_as_delivered_when_it_is() -> None:
    path = TrainLane[None](LaneSpec(rate_bps=12e6, delay_s=0.01), seed=1)
    path.train(0.0, 10, 15_000)
    path.settle(0.019)
    assert (path.offered_packets, path.delivered_packets) == (10, 0)
    path.settle(0.021)
    assert (path.delivered_packets, path.delivered_bytes) == (10, 15_000)


@pytest.mark.parametrize("packets", [1, 2, 64])
def test_jitter_delays_a_train_as_it_delays_its_slowest_packet(packets: int) -> None:
    spec = LaneSpec(rate_bps=100e6, delay_s=0.05, jitter_s=0.004)
    path, ends, trains = TrainLane[None](spec, seed=1), 0.0, 3000
    lane, arrivals = Lane[None](spec, seed=2), 0.0
    for index in range(trains):
        now_s = index * 10.0
        ends += path.arrival_s(path.train(now_s, packets, 1500 * packets), packets) - now_s
        last_s = [lane.offer(now_s, 1500, None) for _ in range(packets)][-1]
        assert last_s is not None
        arrivals += last_s - now_s
    assert ends / trains == pytest.approx(arrivals / trains, abs=4e-4)


@pytest.mark.parametrize("policy", [kind() for kind in POLICIES.values()], ids=POLICIES)
@pytest.mark.parametrize("gap_s", [0.0, 0.0007, 0.0012])
def test_a_managed_queue_drops_of_trains_what_it_drops_of_packets(
    policy: QueuePolicy, gap_s: float
) -> None:
    """Of trains that follow one another: what the last of one is spared, the next pays for."""
    if policy.manager() is None:
        return
    spec = LaneSpec(rate_bps=12e6, delay_s=0.02, queue_bytes=120_000, queue_policy=policy)
    gone: list[int] = []
    lane, trains = Lane[int](spec, seed=1, dropped=gone.append), TrainLane[int](spec, seed=1)
    lost: list[int] = []
    served_s = 0.0
    for first in range(0, 1500, 30):
        at_s = first * 0.9e-3
        for position in range(30):
            lane.offer(at_s + position * gap_s * 0.55, 1500, first + position)
        positions, served_s = trains.one_by_one(at_s, gap_s * 0.55, 30, 0, [])
        lost += [first + position for position in positions]
    due = lane.due(99.0)
    assert len(gone) > 30
    assert len(lost) == pytest.approx(len(gone), rel=0.08)
    assert median(min(abs(position - other) for other in lost) for position in gone) <= 2
    trains.settle(99.0)
    counters = trains.counters()
    assert counters.offered_packets == 1500
    assert counters.delivered_packets == 1500 - len(lost) == pytest.approx(len(due), abs=10)
    assert served_s < 99.0


def test_packets_that_wait_before_a_train_are_not_of_it() -> None:
    spec = LaneSpec(rate_bps=12e6, queue_policy=CoDel())
    lane = TrainLane[str](spec, seed=1)
    for name in "abc":
        lane.offer(0.0, 1500, name)
    lost, served_s = lane.one_by_one(0.0005, 0.0, 4, 500, [1])
    assert lost == [1]
    assert served_s == pytest.approx(5.667e-3, abs=1e-6)
    assert lane.due(1.0) == ["a", "b", "c"]
