"""CoDel against the schedule of RFC 8289 by hand, and against the RFC's pseudocode."""

from math import inf, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.errors import SpecError
from emulation.lane import Lane
from emulation.queues.codel import CoDel, CoDelManager
from emulation.spec import LaneSpec, Outage
from emulation.trace import RateTrace
from tests.emulation.queues.reference import ReferenceCoDel, reference_run

MS = 1e-3
MANY_BYTES = 15_000


def dropped_at(manager: CoDelManager, until_ms: int, waited_s: float = 50 * MS) -> list[int]:
    """Milliseconds at which a head is dropped, one being looked at every millisecond."""
    return [ms for ms in range(until_ms) if manager.drops(ms * MS, waited_s, MANY_BYTES)]


def test_the_control_law_by_hand() -> None:
    """Above target from 0 on: the first drop after an interval, then after interval/sqrt(n)."""
    due_ms, expected = 100.0, [100]
    for count in range(1, 6):
        due_ms += 100 / sqrt(count)  # 200, 270.7, 328.4, 378.4, 423.2
        expected.append(-int(-due_ms // 1))
    assert expected == [100, 200, 271, 329, 379, 424]
    assert dropped_at(CoDelManager(5 * MS, 100 * MS), 430) == expected


def test_one_packet_that_waited_less_ends_it() -> None:
    manager = CoDelManager(5 * MS, 100 * MS)
    assert dropped_at(manager, 150) == [100]
    assert not manager.drops(0.150, 4.9 * MS, MANY_BYTES)
    assert [ms for ms in range(151, 300) if manager.drops(ms * MS, 0.05, MANY_BYTES)] == [251]


def test_a_queue_of_one_packet_is_never_too_long() -> None:
    manager = CoDelManager(5 * MS, 100 * MS)
    assert not any(manager.drops(ms * MS, 1.0, 1500) for ms in range(1000))


def test_soon_back_it_goes_on_at_the_rate_that_helped() -> None:
    manager = CoDelManager(5 * MS, 100 * MS)
    assert len(dropped_at(manager, 430)) == 6
    manager.drops(0.430, 0.0, MANY_BYTES)
    again = [ms for ms in range(431, 700) if manager.drops(ms * MS, 0.05, MANY_BYTES)]
    assert again[:3] == [531, 576, 617]  # 100/sqrt(5), 100/sqrt(6): it was at 6, less the first 1


def test_after_a_long_peace_it_begins_anew() -> None:
    manager = CoDelManager(5 * MS, 100 * MS)
    dropped_at(manager, 430)
    manager.drops(0.430, 0.0, MANY_BYTES)
    again = [ms for ms in range(3000, 3350) if manager.drops(ms * MS, 0.05, MANY_BYTES)]
    assert again[:2] == [3100, 3200]


traffic = st.lists(st.tuples(st.floats(0, 4e-3), st.integers(40, 1500)), min_size=1, max_size=600)


@settings(deadline=None, max_examples=60)
@given(traffic, st.sampled_from([4e6, 6e6, 12e6]), st.integers(5_000, 60_000))
def test_a_lane_does_what_the_rfc_prints(
    gaps: list[tuple[float, int]], rate_bps: float, limit_bytes: int
) -> None:
    """Every packet's fate, and when it has been served."""
    now_s, offered = 0.0, []
    for gap_s, size_bytes in gaps:
        now_s += gap_s
        offered.append((now_s, size_bytes))
    policy = CoDel(target_s=2e-3, interval_s=20e-3)
    gone: list[int] = []
    spec = LaneSpec(rate_bps=rate_bps, queue_bytes=limit_bytes, queue_policy=policy)
    lane: Lane[int] = Lane(spec, seed=1, dropped=gone.append)
    for number, (at_s, size_bytes) in enumerate(offered):
        lane.offer(at_s, size_bytes, number)
    arrived: list[tuple[int, float]] = []
    while (due_s := lane.next_due_s()) < inf:
        arrived += [(number, due_s) for number in lane.due(due_s)]
    reference = ReferenceCoDel(target=2e-3, interval=20e-3)
    served, dropped, refused = reference_run(reference, rate_bps, limit_bytes, offered)
    assert sorted(gone) == sorted([*dropped, *refused])
    assert [number for number, _ in arrived] == [number for number, _ in served]
    for (_, at_s), (_, wanted_s) in zip(arrived, served, strict=True):
        assert at_s == pytest.approx(wanted_s, abs=1e-9)


def test_the_generated_traffic_is_dropped_from() -> None:
    """Lest the comparison above compares nothing."""
    offered = [(index * 1e-3, 1500) for index in range(600)]
    reference = ReferenceCoDel(target=2e-3, interval=20e-3)
    _, dropped, refused = reference_run(reference, 6e6, 60_000, offered)
    assert len(dropped) > 30
    assert refused


def standing_queue(**fields: object) -> tuple[Lane[int], list[int]]:
    """What a lane has dropped of a second of too many packets."""
    gone: list[int] = []
    spec = LaneSpec(queue_bytes=10**6, queue_policy=CoDel(), **fields)  # type: ignore[arg-type]
    lane: Lane[int] = Lane(spec, seed=1, dropped=gone.append)
    for number in range(1000):
        lane.offer(number * 1e-3, 1500, number)
        lane.due(number * 1e-3)
    return lane, gone


def test_a_trace_is_managed_as_its_mean_rate_is() -> None:
    every_other_ms = RateTrace("steady", tuple(range(2, 1001, 2)))
    _, by_trace = standing_queue(trace=every_other_ms)
    _, by_rate = standing_queue(rate_bps=6e6)
    assert len(by_trace) == pytest.approx(len(by_rate), abs=2)


def test_an_outage_is_waited_for_at_the_head() -> None:
    """A packet that meets the outage begins to be served after it, and its wait is counted."""
    lane, gone = standing_queue(rate_bps=15e6, outages=(Outage(0.3, 0.4),))
    assert gone
    assert min(gone) > 250
    assert lane.counters().overflowed_packets == len(gone)


@pytest.mark.parametrize("value_s", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["target", "interval"])
def test_times_must_be_above_zero(name: str, value_s: float) -> None:
    with pytest.raises(SpecError, match=rf"^codel\.{name}: found .* s, allowed: above 0$"):
        CoDel(**{f"{name}_s": value_s})
