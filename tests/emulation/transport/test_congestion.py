"""Windows against what Linux 6.18 was seen to do, and against its sources."""

from math import inf

import pytest

from emulation.transport.bbr import Bbr
from emulation.transport.congestion import Acks, Reno
from emulation.transport.cubic import Cubic

RTT_S = 0.05


def acks(
    segments: int, full: bool = True, at_s: float = 0.0, gap_s: float = 1e-4, rtt_s: float = RTT_S
) -> Acks:
    return Acks(segments, 2, segments, full, at_s, gap_s, rtt_s, 0.0, gap_s / 2)


def test_slow_start_doubles_each_round_trip() -> None:
    reno = Reno(RTT_S)
    windows = []
    for _ in range(4):
        reno.acked(acks(reno.window))
        windows.append(reno.window)
    assert windows == [20, 40, 80, 160]


def test_an_unused_window_grows_to_twice_what_is_used() -> None:
    reno = Reno(RTT_S)
    for _ in range(20):
        reno.acked(acks(8, full=False))
    assert reno.window == 16


def test_congestion_avoidance_adds_a_segment_each_round_trip() -> None:
    """Seen: from 4 to 13 within a message of 79 segments."""
    reno = Reno(RTT_S)
    reno.window = reno.threshold = 4
    flights, left = [], 79
    while left > 0:
        flight = min(reno.window, left)
        flights.append(flight)
        reno.acked(acks(flight))
        left -= flight
    assert flights == [4, 5, 6, 7, 8, 9, 10, 11, 12, 7]


@pytest.mark.parametrize(
    ("idle_s", "window"), [(0.2, 90), (0.3, 45), (0.6, 22), (0.9, 11), (9, 10)]
)
def test_silence_halves_the_window_for_each_timeout(idle_s: float, window: int) -> None:
    reno = Reno(RTT_S)
    reno.window = 90
    reno.begin(idle_s, 0.26)
    assert reno.window == window


def test_after_silence_slow_start_goes_as_far_as_it_had_been() -> None:
    reno = Reno(RTT_S)
    reno.window, reno.threshold = 100, 40
    reno.begin(10.0, 0.25)
    assert (reno.window, reno.threshold) == (10, 75)


@pytest.mark.parametrize(("kind", "left"), [(Reno, 50), (Cubic, 70)])
def test_a_loss_leaves_a_share_of_the_window(kind: type[Reno], left: int) -> None:
    congestion = kind(RTT_S)
    congestion.window = 100
    share = congestion.lost(90)
    assert congestion.window == congestion.threshold == left
    assert share == pytest.approx(left / 100, abs=0.001)
    congestion.timed_out()
    assert congestion.window == 1


def test_hystart_ends_slow_start_when_a_train_is_half_a_round_trip_long() -> None:
    """Seen at 20 Mbit/s and 50 ms: 79 segments at once raise a window of 89 to 133."""
    cubic = Cubic(RTT_S)
    cubic.window = 89
    cubic.acked(Acks(79, 2, 79, False, 0.0, 0.0012, 0.0512, 0.0012, 0.0006))
    assert cubic.window == pytest.approx(133, abs=1)
    assert cubic.threshold == cubic.window


def test_hystart_ends_slow_start_when_a_flight_is_delayed_from_its_head() -> None:
    cubic = Cubic(0.01)
    cubic.acked(Acks(10, 1, 10, True, 0.0, 0.012, 0.022, 0.012, 0.0006))
    assert cubic.threshold == inf
    cubic.acked(Acks(20, 1, 20, True, 0.1, 0.012, 0.122, 0.006, 0.0006))
    assert cubic.threshold == pytest.approx(29, abs=1)


def test_the_cubic_returns_to_the_last_maximum_and_lingers() -> None:
    cubic = Cubic(RTT_S)
    cubic.window = 1000
    cubic.lost(900)
    assert cubic.window == 700
    k_s = (300 / 0.4) ** (1 / 3)
    at_s, seen = 0.0, {}
    while at_s < 1.5 * k_s:
        cubic.acked(acks(cubic.window, at_s=at_s, gap_s=0.0))
        at_s += 0.1
        seen[round(at_s / k_s, 1)] = cubic.window
    assert seen[0.5] == pytest.approx(1000 - 300 / 8, rel=0.02)
    assert seen[1.0] == pytest.approx(1000, rel=0.02)
    assert seen[1.5] > 1020


def test_small_windows_grow_as_fast_as_reno_s_would() -> None:
    """A segment more for every 15/8 windows (RFC 9438, section 4.3)."""
    cubic = Cubic(0.01)
    cubic.window = 20
    cubic.lost(15)
    start = cubic.window
    for index in range(20):
        cubic.acked(acks(cubic.window, at_s=index * 0.01, rtt_s=0.01))
    assert cubic.window - start == pytest.approx(20 * 8 / 15, abs=2)


def test_bbr_paces_the_first_flight_and_knows_no_restart() -> None:
    bbr = Bbr(0.1)
    assert bbr.gap_s == pytest.approx(0.1 / 28.85 / 0.99)
    bbr.acked(acks(10, gap_s=0.004, rtt_s=0.1))
    before = bbr.window, bbr.gap_s
    bbr.begin(60.0, 0.3)
    assert (bbr.window, bbr.gap_s) == before


def test_bbr_settles_at_the_rate_and_two_round_trips_of_window() -> None:
    bbr = Bbr(0.02)
    for index in range(40):
        bbr.acked(Acks(80, 2, 80, True, index * 0.1, 0.0012, 0.02, 0.0, 0.0006))
    rate = 2 / 0.0012
    assert not bbr.slow
    assert 1 / bbr.gap_s == pytest.approx(0.99 * rate, rel=0.06)
    assert bbr.window == pytest.approx(2 * rate * 0.02 + 6, rel=0.1)


def test_losses_do_not_shrink_bbr_s_window_but_may_end_its_slow_start() -> None:
    bbr = Bbr(0.05)
    bbr.acked(acks(42, full=False, gap_s=0.001, rtt_s=0.05))
    assert bbr.slow
    for _ in range(4):
        assert bbr.lost(40) == 1.0
    assert not bbr.slow


def test_a_repair_that_shows_nothing_leaves_bbr_a_pace() -> None:
    bbr = Bbr(0.05)
    for _ in range(60):
        bbr.lost(0)
    assert 0 < bbr.gap_s <= 0.06
