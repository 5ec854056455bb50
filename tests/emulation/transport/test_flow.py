"""Messages over one connection: latencies seen on a tun link (Linux 6.18), and costs of loss."""

from dataclasses import dataclass
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.spec import CongestionControl, GilbertElliott, LaneSpec, LinkSpec, Outage
from emulation.transport.connection import Connection, open_connection
from emulation.transport.flow import HEADER_BYTES, MSS_BYTES, QUICK_SEGMENTS
from emulation.transport.train_lane import Losses, TrainLane

REPLY_BYTES = 200


def link(
    rate_bps: float, rtt_s: float, congestion: CongestionControl = "cubic", **lane: Any
) -> LinkSpec:
    spec = LaneSpec(rate_bps=rate_bps, delay_s=rtt_s / 2, **lane)
    return LinkSpec(spec, spec, congestion)


def exchange(
    connection: Connection, size_bytes: int, count: int, period_s: float = 0.0
) -> list[float]:
    """Latencies of so many requests, one after another, each begun no sooner than it is due."""
    latencies_s, now_s = [], 0.0
    for index in range(count):
        now_s = max(now_s, index * period_s)
        ended_s = connection.down.send(connection.up.send(now_s, size_bytes), REPLY_BYTES)
        latencies_s.append(ended_s - now_s)
        now_s = ended_s
    return latencies_s


@pytest.mark.parametrize(
    ("spec", "size_bytes", "period_s", "seen_s"),
    [
        (link(20e6, 0.05), 113_000, 0.0, (0.2079, 0.1088, 0.0971, 0.0971)),
        (link(20e6, 0.05), 113_000, 1.0, (0.2079, 0.2036, 0.2042, 0.2042)),
        (link(50e6, 0.1), 600_000, 0.0, (0.6275, 0.1997, 0.1997, 0.1997)),
        (link(50e6, 0.1, "bbr"), 600_000, 0.0, (0.6734, 0.1997, 0.1997, 0.1997)),
        (link(50e6, 0.1, "reno"), 600_000, 0.0, (0.6276, 0.1997, 0.1997, 0.1997)),
        (link(1e6, 0.2, "reno"), 60_000, 0.0, (0.7927, 0.7004, 0.7001, 0.7001)),
        (link(20e6, 0.2), 600_000, 0.0, (1.2681, 0.4489, 0.4489, 0.4488)),
        (link(100e6, 0.1), 30_000, 1.268, (0.2016, 0.2019, 0.2019, 0.2018)),
        (link(2e6, 0.002), 2_000, 0.0, (0.0118, 0.0118, 0.0117, 0.0117)),
    ],
)
def test_latencies_are_those_seen_without_loss(
    spec: LinkSpec, size_bytes: int, period_s: float, seen_s: tuple[float, ...]
) -> None:
    """Exact once a connection is warm.

    Its second message may be a flight faster, for the receiver's window is not modelled; and BBR
    raises its pace with every acknowledgement, in the model with every flight.
    """
    loose = {1} if spec.congestion_control != "bbr" else {0, 1}
    latencies_s = exchange(open_connection(spec, seed=1), size_bytes, len(seen_s), period_s)
    for index, (latency_s, seen) in enumerate(zip(latencies_s, seen_s, strict=True)):
        near = pytest.approx(seen, rel=0.12 if index in loose else 0.025, abs=5e-4)
        assert latency_s == near


def test_a_silence_costs_cubic_round_trips_and_bbr_none() -> None:
    cubic, bbr = (open_connection(link(20e6, 0.05, name), seed=1) for name in ("cubic", "bbr"))
    for connection, cost_s in ((cubic, 0.111), (bbr, 0.0)):
        warm_s = exchange(connection, 113_000, 6)[-1]
        sent_s = 30.0
        cold_s = connection.down.send(connection.up.send(sent_s, 113_000), REPLY_BYTES) - sent_s
        assert warm_s == pytest.approx(0.0971, rel=0.02)
        assert cold_s - warm_s == pytest.approx(cost_s, abs=0.008)


@pytest.mark.parametrize(("congestion", "rtt_s"), [("cubic", 0.05), ("reno", 0.1), ("bbr", 0.02)])
def test_writing_in_pieces_makes_no_difference(congestion: CongestionControl, rtt_s: float) -> None:
    whole, pieces = (open_connection(link(20e6, rtt_s, congestion), seed=1) for _ in range(2))
    now_s = then_s = 0.0
    for _ in range(4):
        whole_s = whole.up.send(now_s, 60 * MSS_BYTES)
        pieces_s = max(pieces.up.send(then_s + i * 1e-4, 10 * MSS_BYTES) for i in range(6))
        assert pieces_s - then_s == pytest.approx(whole_s - now_s, rel=0.03)
        now_s = whole.down.send(whole_s, REPLY_BYTES)
        then_s = pieces.down.send(pieces_s, REPLY_BYTES)


class LosingLane(TrainLane[Any]):
    """Loses the packets offered as these (from 0) and no others."""

    __slots__ = ("_next", "_positions")

    def __init__(self, spec: LaneSpec, *positions: int) -> None:
        super().__init__(spec, seed=1)
        self.lossy = True
        self._positions = set(positions)
        self._next = 0

    def losses(self, packets: int, size_bytes: int = 1500) -> Losses:
        first, self._next = self._next, self._next + packets
        return [at - first for at in sorted(self._positions) if first <= at < self._next]


LANE = LaneSpec(rate_bps=10e6, delay_s=0.02)
WARM, MESSAGE = 100, 50


@dataclass
class Costs:
    extra_s: float
    connection: Connection


def cost_of(*positions: int, lane: LaneSpec = LANE) -> Costs:
    """What losing these of a message's 50 segments costs, on a connection that is warm."""
    path = LosingLane(lane, *(WARM + position for position in positions))
    connection = Connection(path, TrainLane(lane, seed=1), "reno")
    now_s = connection.up.send(0.0, WARM * MSS_BYTES) + 0.05
    arrived_s = connection.up.send(now_s, MESSAGE * MSS_BYTES)
    at_best_s = MESSAGE * 1500 * 8 / 10e6 + lane.delay_s
    return Costs(arrived_s - now_s - at_best_s, connection)


def test_nothing_lost_costs_nothing() -> None:
    assert cost_of().extra_s == pytest.approx(0, abs=1e-9)


def test_an_early_loss_is_repaired_while_the_rest_is_under_way() -> None:
    assert cost_of(2).extra_s <= 2 * 1500 * 8 / 10e6


def test_a_late_loss_costs_a_round_trip() -> None:
    """Fast retransmit: noticed when three later segments have been acknowledged."""
    assert cost_of(46).extra_s == pytest.approx(0.042, abs=0.003)


def test_with_fewer_later_segments_a_quarter_round_trip_more() -> None:
    """RACK's reordering window stands in for the acknowledgements that will not come."""
    assert cost_of(48).extra_s == pytest.approx(0.04 * 1.25 + 0.006, abs=0.006)


def test_lost_last_segments_wait_for_the_probe() -> None:
    costs = cost_of(48, 49)
    probe_s = 2 * costs.connection.up.round_trips.smoothed_s
    assert costs.extra_s == pytest.approx(0.04 + probe_s + 0.04, abs=0.03)


def test_a_lost_last_segment_waits_for_the_retransmission_timer_at_most() -> None:
    timer_s = cost_of().connection.up.round_trips.rto_s()
    acknowledged_late_s, wheel_s = 0.04 + 0.04, 0.036
    assert 0.1 < cost_of(49).extra_s < timer_s + acknowledged_late_s + wheel_s + 0.004


def test_a_lost_probe_waits_for_the_timer_which_doubles() -> None:
    """Positions 50 and 51 are the probe and what the timer sends."""
    once_s, twice_s, thrice_s = (cost_of(*range(49, 50 + count)).extra_s for count in range(3))
    assert twice_s - once_s > 0.2
    assert thrice_s - twice_s == pytest.approx(2 * (twice_s - once_s), rel=0.25)


def test_a_loss_halves_reno_s_window() -> None:
    before = cost_of().connection.up.congestion.window
    after = cost_of(20).connection.up.congestion.window
    assert after == pytest.approx(before / 2, abs=before / 8)


def test_a_burst_beyond_the_queue_loses_its_tail_and_time() -> None:
    free, short = (
        exchange(open_connection(link(10e6, 0.04, queue_bytes=size), 1), 113_000, 8)
        for size in (1_000_000, 30_000)
    )
    assert max(short) > max(free) + 0.02


def test_acknowledgements_that_fill_the_way_back_delay_the_reply() -> None:
    """Seen: 96 ms for 250 kB up at 50 Mbit/s, RTT 20 ms, when 0.5 Mbit/s lead back."""
    spec = LinkSpec(LaneSpec(50e6, 0.01), LaneSpec(0.5e6, 0.01))
    assert exchange(open_connection(spec, 1), 250_000, 8)[-1] == pytest.approx(0.0962, rel=0.03)


def test_an_outage_is_waited_for() -> None:
    spec = link(10e6, 0.04, outages=(Outage(0.1, 0.5),))
    arrived_s = open_connection(spec, 1).up.send(0.09, 100_000)
    assert arrived_s > 0.6


def test_a_path_that_loses_everything_never_delivers() -> None:
    connection = open_connection(link(10e6, 0.04, loss=1.0), seed=1)
    assert connection.up.send(0.0, 1000) == inf
    assert connection.up.send(1.0, 1_000_000) == inf


def test_an_answer_does_not_wait_for_acknowledgements_of_what_is_sent_after_it() -> None:
    """A large message crosses for eight seconds, its acknowledgements against the answer's way."""
    spec = link(1e6, 0.04, jitter_s=0.002)
    connection = open_connection(spec, seed=1)
    assert connection.up.send(0.0, 1_000_000) > 8
    assert connection.down.send(1.0, REPLY_BYTES) == pytest.approx(1.022, abs=0.009)


def test_an_answer_waits_its_turn_behind_acknowledgements_that_were_sent_before_it() -> None:
    """On a way back that is hundreds of times as slow they take longer than the data."""
    up, down = LaneSpec(10e6, 0.02), LaneSpec(20e3, 0.02)
    alone, after = (open_connection(LinkSpec(up, down, "reno"), seed=1) for _ in range(2))
    there_s = after.up.send(0.0, 14_000)
    assert (
        after.down.send(there_s, 100) > alone.down.send(there_s, 100) + 5 * HEADER_BYTES * 8 / 20e3
    )


class CountingLane(TrainLane[Any]):
    """Counts the trains it is given."""

    __slots__ = ("trains",)

    def __init__(self, spec: LaneSpec) -> None:
        super().__init__(spec, seed=1)
        self.trains = 0

    def train(self, now_s: float, packets: int, size_bytes: int, until_s: float = 0.0) -> float:
        self.trains += 1
        return super().train(now_s, packets, size_bytes, until_s)


@pytest.mark.parametrize("size_bytes", [20_000, 600_000, 3_000_000])
def test_the_work_does_not_grow_with_the_segments(size_bytes: int) -> None:
    """A message that the window has room for is one train, whatever its size."""
    lane = LaneSpec(50e6, 0.01, queue_bytes=10**7)
    path = CountingLane(lane)
    connection = Connection(path, TrainLane(lane, seed=1), "reno")
    exchange(connection, size_bytes, 5)
    before = path.trains
    connection.up.send(60.0 - 1e-9, 1)  # settles what is over
    connection.up.congestion.window = 10**4
    connection.up.send(60.1, size_bytes)
    assert path.trains - before == 2


BURSTS = GilbertElliott(0.05, 0.3)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.tuples(st.integers(1, 200_000), st.floats(0, 0.5)), min_size=1, max_size=8),
    st.sampled_from([0.0, 0.02, 0.3, BURSTS]),
    st.sampled_from(["cubic", "reno", "bbr"]),
    st.sampled_from([4500, 30_000, 1_000_000]),
    st.integers(0, 10**6),
)
def test_every_message_arrives_in_order_and_no_sooner_than_it_can(
    messages: list[tuple[int, float]],
    loss: float | GilbertElliott,
    congestion: CongestionControl,
    queue_bytes: int,
    seed: int,
) -> None:
    lane = LaneSpec(5e6, 0.01, jitter_s=0.002, loss=loss, queue_bytes=queue_bytes)
    once, again = (open_connection(LinkSpec(lane, lane, congestion), seed) for _ in range(2))
    now_s = last_s = 0.0
    for size_bytes, gap_s in messages:
        now_s += gap_s
        arrived_s = once.up.send(now_s, size_bytes)
        packets = -(-size_bytes // MSS_BYTES)
        assert arrived_s >= now_s + (size_bytes + packets * HEADER_BYTES) * 8 / 5e6
        assert last_s <= arrived_s
        assert again.up.send(now_s, size_bytes) == arrived_s
        # Nothing but a burst that outlasts every retransmission ends a connection, and for good.
        assert arrived_s < inf or loss == BURSTS
        last_s = arrived_s


def test_the_acknowledgement_of_a_single_segment_goes_with_the_answer() -> None:
    """Else the answer would wait for the slower of the two on a link with jitter."""
    spec = link(100e6, 0.04, jitter_s=0.004)
    connection = open_connection(spec, seed=1)
    latencies_s = exchange(connection, 1000, 1000, period_s=0.2)[2 * QUICK_SEGMENTS :]
    assert sum(latencies_s) / len(latencies_s) == pytest.approx(0.0402, abs=0.001)
