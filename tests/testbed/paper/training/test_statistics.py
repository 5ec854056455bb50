"""Intervals against numbers worked out by hand."""

import pytest

from testbed.paper.training.statistics import interval, paired


def test_an_interval_by_hand() -> None:
    # Mean 2, standard deviation 1, standard error 1/sqrt(3), t(0.975, 2) = 4.302653.
    found = interval([1.0, 2.0, 3.0])
    assert found.mean == 2.0
    assert found.half == pytest.approx(4.302653 / 3**0.5, rel=1e-6)
    assert found.ends == pytest.approx((2 - 2.484138, 2 + 2.484138), rel=1e-6)


def test_pairing_takes_away_what_the_seeds_share() -> None:
    hard, easy = {1: 50.0, 2: 70.0, 3: 90.0}, {1: 52.0, 2: 72.5, 3: 91.5}
    # Differences 2, 2.5, 1.5: mean 2, standard deviation 0.5.
    found = interval(paired(easy, hard))
    assert found.mean == 2.0
    assert found.half == pytest.approx(4.302653 * 0.5 / 3**0.5, rel=1e-6)


def test_only_common_seeds_are_paired() -> None:
    assert paired({1: 5.0, 2: 7.0}, {2: 4.0, 3: 9.0}) == [3.0]


def test_one_seed_says_nothing_of_spread() -> None:
    found = interval([4.0])
    assert (found.half, found.ends) == (None, (None, None))
    assert str(found) == "4.0"


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="found none"):
        interval([])
