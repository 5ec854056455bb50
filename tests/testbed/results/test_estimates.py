"""Estimates hold what they promise, also when values are missing or few."""

import warnings

import numpy as np
import pytest

from testbed.results import estimates


def test_mean_of_nothing_is_unknown() -> None:
    assert estimates.mean([]) is None
    assert estimates.mean([1.0, 2.0, 6.0]) == 3.0


def test_interval_of_the_mean_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(3)
    truth, covered = np.exp(0.5 * 0.3**2), 0
    for seed in range(200):
        low, high = estimates.mean_interval(chance.lognormal(0, 0.3, 40), seed)
        assert low is not None and high is not None
        covered += low <= truth <= high
    assert 0.89 <= covered / 200 <= 0.985  # 0.95 give or take; few values cover a little less


def test_interval_is_the_seeds_alone() -> None:
    values = np.random.default_rng(1).normal(50, 5, 30)
    assert estimates.mean_interval(values, 4) == estimates.mean_interval(values, 4)
    assert estimates.mean_interval(values, 4) != estimates.mean_interval(values, 5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], (None, None)), ([3.0], (None, None)), ([3.0, 3.0, 3.0], (3.0, 3.0))],
)
def test_interval_without_spread_is_told_without_a_warning(
    values: list[float], expected: tuple[float | None, float | None]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert estimates.mean_interval(np.array(values, float), 0) == expected


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
