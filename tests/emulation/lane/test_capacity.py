"""Outages and traces against slow, obvious versions of the same laws."""

from collections import deque
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.lane import Lane
from emulation.lane.capacity import RateWithOutages, TraceCapacity
from emulation.spec import LaneSpec, Outage
from emulation.trace import RateTrace

outages = st.lists(
    st.builds(
        Outage,
        start_s=st.integers(0, 40).map(lambda n: n / 10),
        duration_s=st.integers(0, 20).map(lambda n: n / 10),
    ),
    max_size=4,
)


def working_time_s(until_s: float, pauses: list[Outage], step_s: float = 0.01) -> float:
    """Time outside outages, by looking at every step."""
    steps = round(until_s / step_s)
    return step_s * sum(
        not any(p.start_s <= (n + 0.5) * step_s < p.start_s + p.duration_s for p in pauses)
        for n in range(steps)
    )


@given(outages, st.integers(0, 800).map(lambda n: n / 100))
def test_no_bytes_are_served_in_an_outage(pauses: list[Outage], time_s: float) -> None:
    capacity = RateWithOutages(8000.0, pauses)
    assert capacity.bytes_by(time_s) == pytest.approx(
        1000 * working_time_s(time_s, pauses), abs=1e-6
    )


@given(outages, st.floats(1, 5000))
def test_time_of_a_byte_is_when_it_has_been_served(pauses: list[Outage], position: float) -> None:
    capacity = RateWithOutages(8000.0, pauses)
    time_s = capacity.time_of(position)
    assert capacity.bytes_by(time_s) == pytest.approx(position, abs=1e-6)
    assert capacity.bytes_by(time_s - 1e-4) < position


def test_what_is_served_when_an_outage_begins_is_not_held_back() -> None:
    capacity = RateWithOutages(8000.0, [Outage(1.0, 5.0)])
    assert capacity.time_of(1000) == 1.0
    assert capacity.time_of(1001) == pytest.approx(6.001)


def mahimahi(trace: RateTrace, packets: list[tuple[int, int]], pauses: list[Outage]) -> list[int]:
    """Delivery times in ms of packets offered at (ms, IP bytes): mm-link's loop, by the letter.

    Opportunities at an instant come before packets offered at it (`rationalize` runs first).
    """
    waiting: deque[list[int]] = deque()
    offered = deque(packets)
    delivered: list[int] = []
    base_ms, index = 0, 0
    while len(delivered) < len(packets):
        now_ms = base_ms + trace.delivery_ms[index]
        while offered and offered[0][0] < now_ms:
            waiting.append([offered.popleft()[1] + 4])
        index += 1
        if index == len(trace.delivery_ms):
            base_ms, index = base_ms + trace.period_ms, 0
        if any(
            round(p.start_s * 1000) <= now_ms < round((p.start_s + p.duration_s) * 1000)
            for p in pauses
        ):
            continue
        left = 1504
        while left and waiting:
            sent = min(left, waiting[0][0])
            waiting[0][0] -= sent
            left -= sent
            if waiting[0][0] == 0:
                waiting.popleft()
                delivered.append(now_ms)
    return delivered


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=30)
    .map(sorted)
    .filter(lambda times: times[-1] > 0),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(40, 1500)), max_size=40).map(sorted),
    st.lists(
        st.builds(
            Outage,
            start_s=st.integers(0, 20).map(lambda n: n / 10),
            duration_s=st.integers(0, 10).map(lambda n: n / 10),
        ),
        max_size=2,
    ),
    st.integers(0, 400),
)
def test_a_trace_lane_delivers_as_mahimahi_does(
    times: list[int], packets: list[tuple[int, int]], pauses: list[Outage], offset_ms: int
) -> None:
    trace = RateTrace("made", tuple(times))
    spec = LaneSpec(
        trace=trace, trace_offset_s=offset_ms / 1000, queue_bytes=10**9, outages=tuple(pauses)
    )
    lane: Lane[int] = Lane(spec, seed=0, opened_s=100.0)
    departures = [lane.offer(100.0 + at_ms / 1000, size, 0) for at_ms, size in packets]
    found = [round((d - 100.0) * 1000) + offset_ms for d in departures if d is not None]
    later = [(at_ms + offset_ms, size) for at_ms, size in packets]
    late_pauses = [replace(p, start_s=p.start_s + offset_ms / 1000) for p in pauses]
    assert found == mahimahi(trace, later, late_pauses)


def test_a_trace_repeats_from_its_last_line() -> None:
    capacity = TraceCapacity(RateTrace("made", (10, 30, 100)), [])
    times_s = [capacity.time_of(1504 * n) for n in range(1, 8)]
    assert times_s == pytest.approx([0.01, 0.03, 0.1, 0.11, 0.13, 0.2, 0.21])
    assert [capacity.bytes_by(t) for t in times_s] == [1504 * n for n in range(1, 8)]
