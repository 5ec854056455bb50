"""Many samples at once leave the timers where one by one they would."""

import pytest

from emulation.transport.timers import JIFFY_S, RTO_MIN_S, RoundTrips, fires_s


def one_by_one(smoothed_s: float, acks: int, first_s: float, step_s: float) -> float:
    for index in range(acks):
        smoothed_s += (first_s + index * step_s - smoothed_s) / 8
    return smoothed_s


@pytest.mark.parametrize("acks", [1, 2, 7, 200])
@pytest.mark.parametrize("step_s", [0.0, 0.0012])
def test_a_train_moves_the_mean_as_its_samples_would(acks: int, step_s: float) -> None:
    trips = RoundTrips(0.09)
    trips.train(acks, 0.052, step_s)
    assert trips.smoothed_s == pytest.approx(one_by_one(0.09, acks, 0.052, step_s))
    assert trips.least_s == 0.052


def test_steady_round_trips_leave_the_timer_at_its_floor() -> None:
    trips = RoundTrips(0.05)
    for _ in range(40):
        trips.train(20, 0.05, 0.0)
    assert trips.rto_s() == pytest.approx(0.05 + RTO_MIN_S, rel=0.01)


def test_the_timer_of_a_slow_lane_allows_for_its_own_queue() -> None:
    """At 1 Mbit/s a message of 600 kB makes round trips from 0.07 to 5 s."""
    trips = RoundTrips(0.05)
    trips.train(207, 0.074, 0.024)
    assert trips.smoothed_s > 4.5
    assert trips.variation_s > 0.7


def test_a_lone_segment_waits_for_the_whole_timer_before_it_is_a_probe() -> None:
    trips = RoundTrips(0.03)
    assert trips.probe_s(lone=False) == pytest.approx(0.062)
    assert trips.probe_s(lone=True) == trips.rto_s()


@pytest.mark.parametrize(("timeout_s", "grain_s"), [(0.02, JIFFY_S), (0.3, 0.032), (3.0, 0.256)])
def test_timers_fire_late_by_less_than_a_slot_of_the_wheel(
    timeout_s: float, grain_s: float
) -> None:
    for started_s in (0.0, 0.0013, 17.1):
        late_s = fires_s(started_s, timeout_s) - started_s - timeout_s
        assert 0 <= late_s <= grain_s + JIFFY_S
