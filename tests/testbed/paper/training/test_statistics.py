"""Intervals against numbers worked out by hand."""

import pytest

from testbed.paper.training.statistics import (
    CEILING,
    Standing,
    interval,
    paired,
    standing_of,
)


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


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        ([2.0, 2.1, 1.9, 2.0, 2.0], "beats"),
        ([-0.1, 0.1, 0.0, 0.1, -0.1], "matches"),
        ([-0.5, -0.4, -0.45, -0.5, -0.4], "matches"),  # worse for certain, but within the margin
        ([-3.0, -3.1, -2.9, -3.0, -3.0], "loses"),
        ([-0.9, -1.2, -1.0, -1.1, -0.8], "undecided"),  # reaches over the margin
        ([-1.3, -1.3, -0.9, -1.4, -1.0], "undecided"),  # below 0, but not below the margin
        ([-4.0, 4.0, 0.0, 1.0, -1.0], "undecided"),
        ([-3.0, -3.1, -2.9, -3.0], "undecided"),  # four seeds
        ([5.0], "undecided"),
    ],
)
def test_where_an_interval_stands(gains: list[float], expected: Standing) -> None:
    assert standing_of(interval(gains), alone=70.0) == expected


@pytest.mark.parametrize(("alone", "claimed"), [(CEILING - 0.01, True), (CEILING, False)])
def test_nothing_is_claimed_at_the_ceiling(alone: float, claimed: bool) -> None:
    standing = standing_of(interval([-3.0, -3.1, -2.9, -3.0, -3.0]), alone)
    assert standing == ("loses" if claimed else "at ceiling")
