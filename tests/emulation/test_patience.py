"""Nothing takes longer over a link than is waited for, whatever the link; no longer is a waste."""

from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.lane import Lane
from emulation.patience import (
    carries,
    crossing_s,
    exchange_s,
    longest_s,
    round_trip_s,
    timeout_of,
)
from emulation.spec import MTU_BYTES, GilbertElliott, LaneSpec, LinkSpec, Outage
from emulation.trace import RateTrace
from emulation.transport.connection import open_connection

HOLE = RateTrace("hole", (*range(24, 24_001, 24), 36_000))
TRACES = st.lists(st.integers(1, 5000), min_size=1, max_size=30).map(
    lambda gaps: RateTrace("drawn", tuple(np.cumsum(gaps).tolist()))
)
LANES = st.builds(
    lambda speed, delay_s, jitter_s, distribution, reorder, outages: LaneSpec(
        **speed,
        delay_s=delay_s,
        jitter_s=jitter_s,
        distribution=distribution,
        reorder=reorder,
        outages=outages,
    ),
    st.one_of(
        st.just({}),
        st.floats(9600, 10e9).map(lambda rate_bps: {"rate_bps": rate_bps}),
        TRACES.map(lambda trace: {"trace": trace}),
    ),
    st.floats(0, 5),
    st.floats(0, 1),
    st.sampled_from(["normal", "uniform", "pareto"]),
    st.booleans(),
    st.lists(st.builds(Outage, st.floats(0, 60), st.floats(0, 20)), max_size=2).map(tuple),
)
FAST = LaneSpec(rate_bps=46e6, delay_s=0.0105)


def both(**lane: Any) -> LinkSpec:
    return LinkSpec(LaneSpec(**lane), LaneSpec(**lane))


@settings(deadline=None, max_examples=200)
@given(LANES, st.floats(0, 60), st.integers(1, MTU_BYTES), st.integers(0, 2**16))
def test_no_packet_crosses_a_free_lane_later(
    spec: LaneSpec, offered_s: float, size_bytes: int, seed: int
) -> None:
    lane: Lane[None] = Lane(spec, seed)
    lane.offer(offered_s, size_bytes, None)
    lane.decide(inf)
    assert lane.next_due_s() <= offered_s + crossing_s(spec, size_bytes) + 1e-6


@settings(deadline=None, max_examples=100)
@given(TRACES, st.integers(1, 80))
def test_the_longest_wait_on_a_trace_is_the_longest_there_is(
    trace: RateTrace, packets: int
) -> None:
    passes = range(packets // len(trace.delivery_ms) + 3)
    times_ms = [at + number * trace.period_ms for number in passes for at in trace.delivery_ms]
    waits_ms = [
        times_ms[start + packets] - times_ms[start] for start in range(len(trace.delivery_ms))
    ]
    assert longest_s(trace, packets) == pytest.approx(max(waits_ms) / 1000)


@pytest.mark.parametrize(
    "spec",
    [
        both(rate_bps=9600, queue_bytes=20_000),
        both(rate_bps=46e6, delay_s=0.3),
        both(rate_bps=46e6, delay_s=5),
        both(rate_bps=12e6, delay_s=0.025, jitter_s=0.3),
        both(rate_bps=10e9, delay_s=1),
        both(rate_bps=5e6, delay_s=0.025, loss=0.02),
        both(rate_bps=5e6, delay_s=0.3, loss=0.02),
        both(rate_bps=5e6, delay_s=0.025, loss=0.3),
        both(rate_bps=5e6, delay_s=0.025, loss=GilbertElliott(0.02, 0.2)),
        LinkSpec(LaneSpec(trace=HOLE, loss=0.02), FAST),
        LinkSpec(LaneSpec(rate_bps=5e6, outages=(Outage(0, 5),)), FAST),
    ],
)
@pytest.mark.parametrize("up_bytes", [100, 12_288, 54_000])
def test_hardly_any_answer_comes_later_by_the_model_of_the_transport(
    spec: LinkSpec, up_bytes: int
) -> None:
    patience_s = exchange_s(spec, up_bytes, 200)
    late = 0
    for seed in range(100):
        connection = open_connection(spec, seed)
        there_s = connection.up.send(0.0, up_bytes)
        late += there_s == inf or connection.down.send(there_s, 200) > patience_s
    assert late <= (10 if isinstance(spec.uplink.loss, GilbertElliott) else 1)


def test_what_carries_nothing_is_given_the_time_of_what_does() -> None:
    deaf = LinkSpec(LaneSpec(rate_bps=46e6, delay_s=0.0105, loss=1.0), FAST)
    assert not carries(deaf)
    assert carries(LinkSpec(FAST, FAST))
    assert exchange_s(deaf, 100, 100) == exchange_s(LinkSpec(FAST, FAST), 100, 100)


def test_patience_is_that_of_the_link_and_no_more() -> None:
    """An answer over an ordinary link is missed within a second, over a lossy one in minutes."""
    assert round_trip_s(LinkSpec(FAST, FAST)) == pytest.approx(0.0215, abs=1e-3)
    assert exchange_s(LinkSpec(FAST, FAST), 54_000, 200) < 0.2
    assert exchange_s(both(delay_s=0.025, loss=0.001), 100, 100, turns=6) < 10
    worst = both(delay_s=5, loss=0.999)
    assert exchange_s(worst, 100, 100) < 20 * 60
    assert timeout_of(worst) == pytest.approx(30, abs=1)


@settings(deadline=None)
@given(LANES, LANES, st.floats(0, 1), st.integers(0, 10**6), st.integers(1, 10))
def test_patience_is_finite_and_grows_with_what_is_said(
    up: LaneSpec, down: LaneSpec, loss: float, size_bytes: int, turns: int
) -> None:
    spec = LinkSpec(up, LaneSpec(delay_s=down.delay_s, loss=loss))
    found_s = exchange_s(spec, size_bytes, 100, turns)
    assert 0 <= found_s < inf
    assert exchange_s(spec, size_bytes + 10_000, 100, turns) >= found_s
    assert exchange_s(spec, size_bytes, 100, turns + 1) >= found_s
