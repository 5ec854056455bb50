"""What holds for every lane, on generated specs and traffic."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.lane import Lane
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
    """Offer packets, each so long after the one before."""
    now_s, crossings = 0.0, []
    for index, (gap_s, size_bytes) in enumerate(packets):
        now_s += gap_s
        arrival_s = lane.offer(now_s, size_bytes, index)
        crossings.append(Crossing(index, now_s, size_bytes, arrival_s))
    return crossings


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
def test_due_hands_over_each_packet_at_its_time_and_in_that_order(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int
) -> None:
    lane: Lane[int] = Lane(spec, seed)
    crossings = cross(lane, packets)
    arrivals = {c.index: c.arrival_s for c in crossings if c.arrival_s is not None}
    handed_over = []
    while (due_s := lane.next_due_s()) is not None:
        items = lane.due(due_s)
        assert items
        assert all(arrivals[item] == due_s for item in items)
        handed_over += items
    assert sorted(handed_over) == sorted(arrivals)
    if not (spec.reorder and spec.jitter_s):
        assert handed_over == sorted(handed_over)


@given(specs, traffic, st.integers(0, 2**32), st.floats(0, 3))
def test_bytes_are_conserved(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int, until_s: float
) -> None:
    lane: Lane[int] = Lane(spec, seed)
    crossings = cross(lane, packets)
    sizes = {c.index: c.size_bytes for c in crossings}
    delivered = sum(sizes[item] for item in lane.due(until_s))
    c = lane.counters()
    on_the_way = sum(sizes[item] for item in lane.due(1e9))
    assert c.delivered_bytes == delivered
    assert c.offered_bytes == sum(sizes.values())
    assert c.offered_bytes == delivered + on_the_way + c.lost_bytes + c.overflowed_bytes


@settings(deadline=None)
@given(specs, traffic, st.integers(0, 2**32))
def test_the_rate_is_never_exceeded_over_any_window(
    spec: LaneSpec, packets: list[tuple[float, int]], seed: int
) -> None:
    spec = LaneSpec(
        rate_bps=spec.rate_bps or 1e6, delay_s=spec.delay_s, loss=spec.loss, outages=spec.outages
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
        before = lane.backlog_bytes(now_s)
        overflowed = lane.counters().overflowed_packets
        lane.offer(now_s, size_bytes, 0)
        assert lane.backlog_bytes(now_s) <= spec.queue_bytes + 1
        if lane.counters().overflowed_packets > overflowed:
            assert before + size_bytes > spec.queue_bytes - 1
