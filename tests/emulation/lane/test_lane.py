"""The law, example by example, with a clock that the test drives."""

from math import inf
from typing import Any

import pytest

from emulation.lane import Lane
from emulation.spec import LaneSpec, Outage
from emulation.trace import RateTrace


def lane_of(seed: int = 1, opened_s: float = 0.0, **fields: Any) -> Lane[str]:
    return Lane(LaneSpec(**fields), seed, opened_s)


def test_a_lane_that_does_nothing_delivers_at_once() -> None:
    lane = lane_of()
    assert lane.offer(3.0, 1500, "a") == 3.0
    assert lane.due(3.0) == ["a"]


def test_a_packet_takes_its_time_at_the_rate_and_then_the_delay() -> None:
    lane = lane_of(rate_bps=1.2e6, delay_s=0.02)
    assert lane.offer(1.0, 1500, "a") == pytest.approx(1.03)
    assert lane.due(1.0299) == []
    assert lane.next_due_s() == pytest.approx(1.03)
    assert lane.due(1.0301) == ["a"]
    assert lane.next_due_s() == inf


def test_packets_wait_for_one_another_in_service_not_in_delay() -> None:
    lane = lane_of(rate_bps=1.2e6, delay_s=0.1)
    arrivals = [lane.offer(0.0, 1500, name) for name in "abc"]
    assert arrivals == pytest.approx([0.11, 0.12, 0.13])
    assert lane.due(0.125) == ["a", "b"]


def test_an_idle_lane_saves_nothing_up() -> None:
    lane = lane_of(rate_bps=1.2e6)
    lane.offer(0.0, 1500, "a")
    assert lane.offer(5.0, 1500, "b") == pytest.approx(5.01)


def test_drop_tail_counts_bytes_waiting_or_in_service() -> None:
    lane = lane_of(rate_bps=1.2e6, queue_bytes=3000)
    assert lane.offer(0.0, 1500, "a") is not None
    assert lane.offer(0.0, 1500, "b") is not None
    assert lane.offer(0.0, 40, "c") is None
    assert lane.offer(0.005, 750, "d") is not None  # half of "a" has been served
    counters = lane.counters()
    assert (counters.overflowed_packets, counters.overflowed_bytes) == (1, 40)
    assert counters.lost_packets == 0


def test_a_queue_of_one_packet_takes_the_next_when_the_first_has_left() -> None:
    lane = lane_of(rate_bps=1.2e6, queue_bytes=1500)
    assert lane.offer(0.0, 1500, "a") is not None
    assert lane.offer(0.0099, 1500, "b") is None
    assert lane.offer(0.01, 1500, "c") is not None


def test_an_unlimited_lane_never_overflows() -> None:
    lane = lane_of(queue_bytes=1500, delay_s=1.0)
    assert all(lane.offer(0.0, 1500, "x") == 1.0 for _ in range(1000))


def test_lost_packets_use_no_rate() -> None:
    lossy = lane_of(rate_bps=1.2e6, loss=0.5, queue_bytes=10**6)
    arrivals = [lossy.offer(0.0, 1500, "x") for _ in range(100)]
    delivered = [at for at in arrivals if at is not None]
    assert 20 < len(delivered) < 80
    assert delivered[-1] == pytest.approx(len(delivered) * 0.01)
    assert lossy.counters().lost_packets == 100 - len(delivered)


def test_the_same_seed_loses_the_same_packets_whatever_the_jitter() -> None:
    def lost(seed: int, jitter_s: float) -> list[int]:
        lane = lane_of(seed, loss=0.1, jitter_s=jitter_s, delay_s=0.1)
        return [n for n in range(500) if lane.offer(n / 100, 1000, "x") is None]

    assert lost(7, 0.0) == lost(7, 0.02) != []
    assert lost(7, 0.0) != lost(8, 0.0)


def test_order_is_kept_unless_reordering_is_asked_for() -> None:
    def order(reorder: bool) -> list[str]:
        lane = lane_of(delay_s=0.05, jitter_s=0.02, reorder=reorder)
        for n in range(100):
            lane.offer(n / 1000, 100, f"{n:03}")
        return lane.due(10.0)

    assert order(False) == sorted(order(False))
    assert order(True) != sorted(order(True))
    assert sorted(order(True)) == order(False)


def test_an_outage_stops_service_not_what_is_on_its_way() -> None:
    lane = lane_of(rate_bps=1.2e6, delay_s=0.5, outages=(Outage(1.0, 2.0),))
    assert lane.offer(0.985, 1500, "through") == pytest.approx(1.495)
    assert lane.offer(0.995, 1500, "cut") == pytest.approx(3.505)  # half before, half after
    assert lane.offer(2.0, 1500, "waits") == pytest.approx(3.515)
    assert lane.due(1.5) == ["through"]


def test_a_queue_overflows_during_an_outage() -> None:
    lane = lane_of(queue_bytes=3000, outages=(Outage(1.0, 2.0),))
    assert lane.offer(0.5, 1500, "before") == pytest.approx(0.5)
    kept = [lane.offer(1.5, 1500, "x") for _ in range(4)]
    assert kept == [pytest.approx(3.0), pytest.approx(3.0), None, None]
    assert lane.offer(3.5, 1500, "after") == pytest.approx(3.5)


def test_outages_and_traces_count_from_the_opening() -> None:
    lane = lane_of(opened_s=1000.0, outages=(Outage(1.0, 2.0),))
    assert lane.offer(1000.5, 100, "a") == pytest.approx(1000.5)
    assert lane.offer(1001.5, 100, "b") == pytest.approx(1003.0)
    traced = lane_of(opened_s=1000.0, trace=RateTrace("t", (10, 20)))
    assert traced.offer(1000.011, 1500, "a") == pytest.approx(1000.02)


def test_a_trace_carries_one_full_packet_or_several_small_ones_at_a_time() -> None:
    lane = lane_of(trace=RateTrace("t", (10, 20, 30)))
    assert [lane.offer(0.0, 1500, "x") for _ in range(2)] == pytest.approx([0.01, 0.02])
    assert [lane.offer(0.0, 372, "x") for _ in range(4)] == pytest.approx([0.03] * 4)
    assert lane.offer(0.0, 100, "x") == pytest.approx(0.04)


@pytest.mark.parametrize(
    "fields",
    [
        {"rate_bps": 1.2e6},
        {"rate_bps": 1.2e6, "outages": (Outage(0.02, 0.5),)},
        {"trace": RateTrace("t", (7, 11, 40))},
    ],
)
def test_backlog_is_gone_when_the_lane_is_free(fields: dict[str, Any]) -> None:
    lane = lane_of(**fields)
    assert lane.backlog_bytes(0.0) == 0
    for _ in range(5):
        lane.offer(0.0, 1500, "x")
    full = lane.backlog_bytes(0.0)
    assert full == pytest.approx(7500, rel=0.01)
    assert lane.backlog_bytes(lane.free_at_s() + 1e-6) == 0
    assert 0 < lane.backlog_bytes(lane.free_at_s() - 1e-4) < 1510


def test_counters_tell_what_became_of_every_packet() -> None:
    lane = lane_of(rate_bps=1.2e6, delay_s=0.1, loss=0.2, queue_bytes=6000)
    for _ in range(20):
        lane.offer(0.0, 1000, "x")
    delivered = len(lane.due(0.125))
    c = lane.counters()
    on_the_way = len(lane.due(99.0))
    assert c.delivered_packets == delivered
    assert c.offered_packets == 20
    assert c.offered_packets == (
        c.delivered_packets + c.lost_packets + c.overflowed_packets + on_the_way
    )
    assert c.lost_packets > 0 < c.overflowed_packets
    assert lane.counters().delivered_bytes == 1000 * (delivered + on_the_way)
