"""Estimates hold what they promise, also when values are missing or few."""

import warnings

import numpy as np
import pytest

from testbed.results import estimates


def test_mean_of_nothing_is_unknown() -> None:
    assert estimates.mean([]) is None
    assert estimates.mean([1.0, 2.0, 6.0]) == 3.0


@pytest.mark.parametrize("repeats", [2, 3, 10])
def test_interval_of_the_mean_covers_the_truth_as_often_as_it_says(repeats: int) -> None:
    """Also where what the requests of a repeat share is larger than what they do not."""
    chance = np.random.default_rng(3)
    covered = 0
    for _ in range(2000):
        shared = chance.normal(50, 10, repeats)
        means = shared + chance.normal(0, 3 / np.sqrt(30), repeats)
        low, high = estimates.mean_interval(means.tolist(), [30] * repeats)
        assert low is not None and high is not None
        covered += low <= 50 <= high
    assert covered / 2000 == pytest.approx(0.95, abs=0.015)


def test_interval_is_around_the_mean_over_all_requests() -> None:
    low, high = estimates.mean_interval([10.0, 20.0, 30.0], [30, 30, 3])
    assert low is not None and high is not None
    assert (low + high) / 2 == pytest.approx((300 + 600 + 90) / 63)


@pytest.mark.parametrize(
    ("means", "expected"),
    [([], (None, None)), ([3.0], (None, None)), ([3.0, 3.0, 3.0], (3.0, 3.0))],
)
def test_interval_without_spread_is_told_without_a_warning(
    means: list[float], expected: tuple[float | None, float | None]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert estimates.mean_interval(means, [20] * len(means)) == expected


def test_quantile_is_the_nearest_rank_over_all() -> None:
    known = np.array([30.0, 10.0, 20.0, 40.0])
    assert estimates.quantile(known, 4, 0.5) == 20
    assert estimates.quantile(known, 4, 0.51) == 30
    assert estimates.quantile(known, 4, 0.99) == 40
    assert estimates.quantile(known, 100, 0.01) == 10
    assert estimates.quantile(np.arange(1.0, 101.0), 100, 0.95) == 95  # 0.95 * 100 is above 95


def test_quantile_among_the_lost_is_unknown() -> None:
    known = np.arange(1.0, 91.0)
    assert estimates.quantile(known, 100, 0.90) == 90
    assert estimates.quantile(known, 100, 0.91) is None
    assert estimates.quantile(np.array([]), 0, 0.5) is None


def test_interval_of_a_quantile_covers_it() -> None:
    chance = np.random.default_rng(9)
    covered = 0
    for _ in range(400):
        low, high = estimates.quantile_interval(chance.exponential(1.0, 80), 80, 0.9)
        assert low is not None
        covered += low <= np.log(10) and (high is None or np.log(10) <= high)
    assert 0.93 <= covered / 400 <= 0.995


def test_interval_of_a_quantile_is_open_where_nothing_bounds_it() -> None:
    known = np.arange(1.0, 21.0)
    assert estimates.quantile_interval(known, 20, 0.99)[1] is None  # 20 say little about p99
    assert estimates.quantile_interval(known, 30, 0.5) == (10.0, None)  # upper end among the lost
    assert estimates.quantile_interval(np.array([]), 0, 0.5) == (None, None)


@pytest.mark.parametrize(("share", "enough"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368)])
def test_so_many_bound_a_quantile_and_one_less_does_not(share: float, enough: int) -> None:
    """0.975 ** (1 / enough) is about the share: the largest of so many is above it as surely."""
    assert estimates.enough_for(share) == enough
    values = np.arange(float(enough))
    assert None not in estimates.quantile_interval(values, enough, share)
    assert None in estimates.quantile_interval(values[1:], enough - 1, share)
