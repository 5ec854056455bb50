"""The byte stream in virtual time: exact times without loss, kernel-like costs with it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.simpy.segments import HEADER_BYTES
from emulation.simpy.tcp import MSS_BYTES
from emulation.spec import GilbertElliott, LaneSpec, Outage
from tests.emulation.virtual import Crossing

LANE = LaneSpec(rate_bps=10e6, delay_s=0.02)


def wire_bits(count: int) -> int:
    """Bits at the IP layer of `count` payload bytes."""
    return (count + HEADER_BYTES * -(-count // MSS_BYTES)) * 8


def ideal_s(count: int, spec: LaneSpec) -> float:
    """All bytes back to back at the rate, and the delay."""
    assert spec.rate_bps is not None
    return wire_bits(count) / spec.rate_bps + spec.delay_s


@pytest.mark.parametrize("count", [1, 1448, 1449, 20_000, 600_000])
@pytest.mark.parametrize("rate_bps", [1e6, 10e6, 1e9])
def test_without_loss_a_message_takes_delay_and_size_by_rate(count: int, rate_bps: float) -> None:
    spec = LaneSpec(rate_bps=rate_bps, delay_s=0.02)
    crossing = Crossing(spec)
    crossing.stream.write(count)
    crossing.env.run(until=60)
    assert crossing.delivered == count
    assert crossing.last_s == pytest.approx(ideal_s(count, spec), rel=1e-4)


def test_a_lane_that_does_nothing_delivers_at_once() -> None:
    crossing = Crossing(LaneSpec())
    crossing.stream.write(5000)
    crossing.env.run()
    assert crossing.delivered == 5000
    assert crossing.last_s == pytest.approx(0, abs=1e-6)


def test_the_end_comes_after_the_last_byte() -> None:
    crossing = Crossing(LANE)
    crossing.stream.write(5000)
    crossing.stream.close()
    crossing.env.run()
    assert crossing.delivered == 5000
    assert crossing.finished_s == [pytest.approx(crossing.last_s + HEADER_BYTES * 8 / 10e6)]


def test_an_empty_stream_ends() -> None:
    crossing = Crossing(LANE)
    crossing.stream.close()
    crossing.env.run()
    assert crossing.deliveries == []
    assert len(crossing.finished_s) == 1


def test_one_acknowledgement_for_two_segments() -> None:
    crossing = Crossing(LANE)
    crossing.stream.write(100 * MSS_BYTES)
    crossing.env.run()
    assert crossing.forward.lane.counters().offered_packets == 100
    acks = crossing.reverse.lane.counters()
    assert 50 <= acks.offered_packets <= 52
    assert acks.offered_bytes == acks.offered_packets * HEADER_BYTES


@pytest.mark.parametrize("queue_bytes", [1500, 3000, 10_000, 1_000_000])
def test_the_sender_never_overflows_the_queue(queue_bytes: int) -> None:
    spec = LaneSpec(rate_bps=10e6, delay_s=0.02, queue_bytes=queue_bytes)
    crossing = Crossing(spec)
    crossing.stream.write(500_000)
    crossing.env.run()
    assert crossing.forward.lane.counters().overflowed_packets == 0
    assert crossing.last_s == pytest.approx(ideal_s(500_000, spec), rel=1e-3)


def test_streams_share_a_lane_evenly() -> None:
    crossing = Crossing(LANE)
    other = crossing.another()
    crossing.stream.write(200_000)
    other.write(200_000)
    other.close()
    crossing.stream.close()
    crossing.env.run()
    first, second = crossing.finished_s
    assert second == pytest.approx(ideal_s(400_000, LANE), rel=0.01)
    assert second - first < 0.01


def lose(crossing: Crossing, *positions: int) -> None:
    """Have the forward lane lose the packets offered as these (from 0) and no others."""
    lane, offer = crossing.forward.lane, crossing.forward.lane.offer
    count = -1

    class Losing:
        """The lane, for which losing is somebody else's decision."""

        def __getattr__(self, name: str) -> object:
            return getattr(lane, name)

        def offer(self, now_s: float, size_bytes: int, item: object) -> float | None:
            nonlocal count
            count += 1
            return None if count in positions else offer(now_s, size_bytes, item)  # type: ignore[arg-type]

    crossing.forward.lane = Losing()  # type: ignore[assignment]


def test_a_loss_in_the_middle_costs_nothing_while_there_is_more_to_send() -> None:
    """It is repaired while the rest is under way; only the lost packet's own time is added."""
    crossing = Crossing(LANE)
    lose(crossing, 5)
    crossing.stream.write(200 * MSS_BYTES)
    crossing.env.run()
    assert crossing.delivered == 200 * MSS_BYTES
    assert crossing.last_s == pytest.approx(ideal_s(200 * MSS_BYTES, LANE), abs=1e-3)


def test_a_loss_near_the_end_costs_a_round_trip() -> None:
    """Fast retransmit: noticed when three later segments have been acknowledged."""
    crossing = Crossing(LANE)
    lose(crossing, 46)
    crossing.stream.write(50 * MSS_BYTES)
    crossing.env.run()
    extra_s = crossing.last_s - ideal_s(50 * MSS_BYTES, LANE)
    assert extra_s == pytest.approx(0.04, abs=0.003)


def test_with_fewer_later_segments_a_quarter_round_trip_more() -> None:
    """RACK's reordering window stands in for the acknowledgements that will not come."""
    crossing = Crossing(LANE)
    lose(crossing, 48)
    crossing.stream.write(50 * MSS_BYTES)
    crossing.env.run()
    extra_s = crossing.last_s - ideal_s(50 * MSS_BYTES, LANE)
    assert extra_s == pytest.approx(0.04 * 1.25, abs=0.005)


def test_lost_last_segments_wait_for_the_probe() -> None:
    crossing = Crossing(LANE)
    lose(crossing, 48, 49)
    crossing.stream.write(50 * MSS_BYTES)
    crossing.env.run()
    extra_s = crossing.last_s - ideal_s(50 * MSS_BYTES, LANE)
    assert extra_s == pytest.approx((1 + 2 + 1 + 0.25) * 0.04, abs=0.005)


def test_a_lost_lone_segment_waits_200_ms_more() -> None:
    """Linux grants the receiver of a lone segment its delayed acknowledgement."""
    crossing = Crossing(LANE)
    lose(crossing, 0)
    crossing.stream.write(100)
    crossing.env.run()
    extra_s = crossing.last_s - ideal_s(100, LANE)
    assert extra_s == pytest.approx(0.2 + 2 * 0.04, abs=0.001)


def test_a_lost_probe_waits_for_the_retransmission_timer_which_doubles() -> None:
    crossing = Crossing(LANE)
    lose(crossing, 0, 1, 2)
    crossing.stream.write(100)
    crossing.env.run()
    probe_s, timer_s = 0.28, 0.04 + 0.2
    extra_s = crossing.last_s - ideal_s(100, LANE)
    assert extra_s == pytest.approx(probe_s + timer_s + 2 * timer_s, abs=0.001)


def test_a_lost_tail_of_many_is_repaired_after_one_probe() -> None:
    crossing = Crossing(LANE)
    lose(crossing, *range(40, 50))
    crossing.stream.write(50 * MSS_BYTES)
    crossing.env.run()
    assert crossing.delivered == 50 * MSS_BYTES
    extra_s = crossing.last_s - ideal_s(50 * MSS_BYTES, LANE)
    assert extra_s == pytest.approx((1 + 2 + 1 + 0.25) * 0.04, abs=0.01)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 30_000), min_size=1, max_size=6),
    st.sampled_from([0.0, 0.02, 0.3, GilbertElliott(0.05, 0.3)]),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_every_byte_arrives_whatever_is_lost(
    sizes: list[int], loss: float | GilbertElliott, ack_loss: float, reorder: bool, seed: int
) -> None:
    spec = LaneSpec(
        rate_bps=5e6, delay_s=0.01, jitter_s=0.003, loss=loss, reorder=reorder, queue_bytes=9000
    )
    back = LaneSpec(rate_bps=1e6, delay_s=0.01, loss=ack_loss)
    crossing = Crossing(spec, back, seed)
    for size in sizes:
        crossing.stream.write(size)
        crossing.env.run(until=crossing.env.now + 0.05)
    crossing.stream.close()
    crossing.env.run(until=crossing.env.now + 3600)
    assert crossing.delivered == sum(sizes)
    assert len(crossing.finished_s) == 1


def test_an_outage_delays_and_loses_nothing() -> None:
    spec = LaneSpec(rate_bps=10e6, delay_s=0.02, outages=(Outage(0.1, 0.5),))
    crossing = Crossing(spec)
    crossing.stream.write(500_000)
    crossing.env.run()
    assert crossing.delivered == 500_000
    assert crossing.last_s == pytest.approx(ideal_s(500_000, spec) + 0.5, abs=0.01)


def test_an_aborted_stream_is_silent() -> None:
    crossing = Crossing(LANE)
    crossing.stream.write(500_000)
    crossing.env.run(until=0.1)
    before = crossing.delivered
    crossing.stream.abort()
    crossing.env.run()
    assert crossing.delivered == before
    assert crossing.finished_s == []
