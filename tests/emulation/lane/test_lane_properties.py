"""What holds for every lane and every queue policy, on generated specs and traffic."""

from dataclasses import dataclass, replace
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.lane import Lane
from emulation.queues import POLICIES
from emulation.spec import GilbertElliott, LaneSpec, Outage

ROUNDING_S = 1e-6

losses = st.one_of(
    st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    st.builds(GilbertElliott, p=st.just(0.1), r=st.floats(0.1, 1.0)),
)
specs = st.builds(
    LaneSpec,
    rate_bps=st.one_of(st.none(), st.floats(1e4, 1e9)),
    delay_s=st.floats(0, 0.2),
    jitter_s=st.sampled_from([0.0, 0.001, 0.05]),
    distribution=st.sampled_from(["normal", "uniform", "pareto"]),
    loss=losses,
    queue_bytes=st.integers(1500, 20_000),
    queue_policy=st.sampled_from([kind() for kind in POLICIES.values()]),
    reorder=st.booleans(),
    outages=st.lists(
        st.builds(Outage, start_s=st.floats(0, 2), duration_s=st.floats(0, 1)), max_size=2
    ).map(tuple),
)
traffic = st.lists(st.tuples(st.floats(0, 0.05), st.integers(40, 1500)), min_size=1, max_size=80)


@dataclass(frozen=True)
class Crossing:
    """One packet's story; arrival_s is None for one that was dropped."""

    index: int
    offered_s: float
    size_bytes: int
    arrival_s: float | None


def cross(lane: Lane[int], packets: list[tuple[float, int]]) -> list[Crossing]:
    """Offer packets, each so long after the one before, then take them out as drivers do."""
    now_s, offered = 0.0, []
    for index, (gap_s, size_bytes) in enumerate(packets):
        now_s += gap_s
        told_s = lane.offer(now_s, size_bytes, index)
        offered.append((now_s, size_bytes, told_s))
    arrivals = dict(drained(lane))
    for index, (_, _, told_s) in enumerate(offered):
        assert told_s is None or arrivals[index] == told_s
    return [Crossing(i, at_s, size, arrivals.get(i)) for i, (at_s, size, _) in enumerate(offered)]


def drained(lane: Lane[int]) -> list[tuple[int, float]]:
    """Items and when they leave, in the order in which they do."""
    items: list[tuple[int, float]] = []
    while (due_s := lane.next_due_s()) < inf:
        found = lane.due(due_s)
        items += [(item, due_s) for item in found]
        assert found or lane.next_due_s() != due_s  # else a driver would never come to an end
    return items


@given(specs, traffic, st.integers(0, 2**32))
def test_no_packet_leaves_before_it_could(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int
) -> None:
    least_delay_s = 0.0 if spec.jitter_s else spec.delay_s
    for crossing in cross(Lane(spec, seed), packets):
        if crossing.arrival_s is not None:
            service_s = crossing.size_bytes * 8 / spec.rate_bps if spec.rate_bps else 0.0
            earliest_s = crossing.offered_s + service_s + least_delay_s
            assert crossing.arrival_s >= earliest_s - ROUNDING_S


@given(specs, traffic, st.integers(0, 2**32))
def test_each_packet_arrives_in_its_turn_or_is_known_to_be_dropped(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int
) -> None:
    dropped: list[int] = []
    lane: Lane[int] = Lane(spec, seed, dropped=dropped.append)
    for index, (gap_s, size_bytes) in enumerate(packets):
        lane.offer(index * 0.05 + gap_s, size_bytes, index)
    arrivals = drained(lane)
    handed_over = [item for item, _ in arrivals]
    assert sorted([*handed_over, *dropped]) == list(range(len(packets)))
    assert [at_s for _, at_s in arrivals] == sorted(at_s for _, at_s in arrivals)
    if not (spec.reorder and spec.jitter_s):
        assert handed_over == sorted(handed_over)


@given(specs, traffic)
def test_the_rate_is_used_while_a_packet_waits(
    spec: LaneSpec, packets: list[tuple[float, int]]
) -> None:
    rate_bps = spec.rate_bps or 1e6
    spec = replace(spec, rate_bps=rate_bps, delay_s=0.0, jitter_s=0.0, outages=())
    free_s = 0.0
    for crossing in cross(Lane(spec, 1), packets):
        if crossing.arrival_s is not None:
            begins_s = max(free_s, crossing.offered_s)
            free_s = crossing.arrival_s
            assert abs(free_s - begins_s - crossing.size_bytes * 8 / rate_bps) < ROUNDING_S


@given(specs, traffic, st.integers(0, 2**32), st.floats(0, 3))
def test_bytes_are_conserved(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int, until_s: float
) -> None:
    lane: Lane[int] = Lane(spec, seed)
    now_s = 0.0
    for index, (gap_s, size_bytes) in enumerate(packets):
        now_s += gap_s
        lane.offer(now_s, size_bytes, index)
    sizes = {index: size_bytes for index, (_, size_bytes) in enumerate(packets)}
    delivered = sum(sizes[item] for item in lane.due(until_s))
    c = lane.counters()
    assert c.offered_packets == len(packets)
    assert c.delivered_bytes == delivered
    on_the_way = sum(sizes[item] for item in lane.due(1e9))
    c = lane.counters()
    assert c.offered_bytes == sum(sizes.values())
    assert c.offered_bytes == delivered + on_the_way + c.lost_bytes + c.overflowed_bytes


@settings(deadline=None)
@given(specs, traffic, st.integers(0, 2**32))
def test_the_rate_is_never_exceeded_over_any_window(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int
) -> None:
    spec = LaneSpec(
        rate_bps=spec.rate_bps or 1e6,
        delay_s=spec.delay_s,
        loss=spec.loss,
        outages=spec.outages,
        queue_policy=spec.queue_policy,
    )
    crossings = [c for c in cross(Lane(spec, seed), packets) if c.arrival_s is not None]
    assert spec.rate_bps is not None
    for first in range(len(crossings)):
        bits = 0.0
        for last in range(first + 1, len(crossings)):
            bits += crossings[last].size_bytes * 8
            window_s = (crossings[last].arrival_s or 0.0) - (crossings[first].arrival_s or 0.0)
            assert bits <= spec.rate_bps * (window_s + ROUNDING_S)


@given(specs, traffic, st.integers(0, 2**32))
def test_the_queue_never_holds_more_than_its_limit(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int
) -> None:
    lane: Lane[int] = Lane(spec, seed)
    now_s = 0.0
    for gap_s, size_bytes in packets:
        now_s += gap_s
        lane.decide(now_s)
        before = lane.backlog_bytes(now_s)
        overflowed = lane.counters().overflowed_packets
        lane.offer(now_s, size_bytes, 0)
        assert lane.backlog_bytes(now_s) <= spec.queue_bytes + 1
        if lane.counters().overflowed_packets > overflowed:
            assert before + size_bytes > spec.queue_bytes - 1
