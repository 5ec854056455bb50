"""Timers from round trips, as the RFCs have them."""

import pytest

from emulation.simpy.round_trips import LONGEST_RTO_S, RTO_FLOOR_S, RoundTrips


def test_steady_round_trips_leave_the_floor_above_them() -> None:
    trips = RoundTrips(0.1)
    for _ in range(100):
        trips.sample(0.1)
    assert trips.retransmission_timeout_s(0) == pytest.approx(0.1 + RTO_FLOOR_S)
    assert trips.probe_timeout_s(lone_segment=False) == pytest.approx(0.2)
    assert trips.probe_timeout_s(lone_segment=True) == pytest.approx(0.4)
    assert trips.reordering_s() == pytest.approx(0.025)


def test_a_change_is_followed_by_an_eighth() -> None:
    trips = RoundTrips(0.1)
    trips.sample(0.9)
    assert trips.probe_timeout_s(lone_segment=False) == pytest.approx(2 * (0.1 + 0.8 / 8))


def test_wild_round_trips_widen_the_timer() -> None:
    trips = RoundTrips(0.1)
    for n in range(100):
        trips.sample(1.0 if n % 2 else 0.1)
    assert trips.retransmission_timeout_s(0) > 1.5


def test_the_timer_doubles_up_to_a_limit() -> None:
    trips = RoundTrips(0.1)
    first_s = trips.retransmission_timeout_s(0)
    assert trips.retransmission_timeout_s(3) == pytest.approx(8 * first_s)
    assert trips.retransmission_timeout_s(1000) == LONGEST_RTO_S
