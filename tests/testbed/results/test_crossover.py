"""Crossovers of curves made by hand, whose crossings are known."""

from collections.abc import Sequence
from math import log, nan, sqrt

import numpy as np
import pytest
from numpy.typing import ArrayLike

from testbed.results.crossover import NEARLY_PARALLEL, Crossover, Curve, between, crossovers

X = (1.0, 10.0, 100.0, 1000.0)


def curve(
    name: str, y: ArrayLike, spread: float | Sequence[float] = nan, x: ArrayLike = X
) -> Curve:
    """A curve whose interval is a factor `spread` wide on either side."""
    at = np.array(y, float)
    factor = np.broadcast_to(np.array(spread, float), at.shape)
    return Curve(name, np.array(x, float), at, at / factor, at * factor)


def only(found: list[Crossover]) -> Crossover:
    assert len(found) == 1
    return found[0]


def test_curves_that_keep_their_order_do_not_cross() -> None:
    assert between(curve("a", [1, 2, 3, 4]), curve("b", [2, 3, 4, 5])) == []


def test_a_transfer_time_crosses_a_constant_where_bytes_over_rate_says() -> None:
    """40 kB take 39 ms at 8.2 Mbit/s; on logarithmic axes the interpolation is exact."""
    rates = np.array([1e6, 4e6, 16e6, 64e6])
    one = only(between(curve("local", [39.0] * 4, x=rates), curve("split", 320e6 / rates, x=rates)))
    assert one.at == pytest.approx(320e6 / 39)
    assert (one.below, one.above) == ("local", "split")
    assert one.y == pytest.approx(39)
    assert one.neighbours == (4e6, 16e6)
    assert one.sensitivity == pytest.approx(1)  # bytes over rate: 1 % slower, 1 % further
    assert one.low is None and one.high is None  # no interval was given


def test_of_curves_that_run_alike_it_is_told_how_little_moves_where_they_cross() -> None:
    one = only(between(curve("a", [8, 4, 2, 1]), curve("b", [8.08, 4.02, 1.99, 0.99])))
    assert one.sensitivity > NEARLY_PARALLEL
    assert one.sensitivity == pytest.approx(log(10) / (log(4.02 / 4) - log(1.99 / 2)))


def test_the_order_of_the_two_does_not_matter() -> None:
    a, b = curve("a", [1, 2, 7, 8], 1.1), curve("b", [2, 3, 4, 5], 1.2)
    one, other = only(between(a, b)), only(between(b, a))
    assert (one.below, one.above) == (other.below, other.above) == ("a", "b")
    assert (one.at, one.low, one.high) == pytest.approx((other.at, other.low, other.high))


def test_every_one_of_several_crossings_is_found() -> None:
    found = between(curve("flat", [2, 2, 2, 2]), curve("zigzag", [1, 4, 1, 4]))
    assert [one.at for one in found] == pytest.approx([sqrt(10), 10 * sqrt(10), 100 * sqrt(10)])
    assert [one.below for one in found] == ["zigzag", "flat", "zigzag"]
    assert [one.above for one in found] == ["flat", "zigzag", "flat"]


def test_a_crossing_exactly_at_a_point_is_found_once() -> None:
    one = only(between(curve("a", [1, 2, 4, 8]), curve("b", [2, 2, 2, 2])))
    assert (one.below, one.above) == ("a", "b")
    assert one.at == pytest.approx(10)
    assert one.neighbours == (1, 100)


def test_equal_for_a_while_crosses_in_the_middle() -> None:
    one = only(between(curve("a", [1, 2, 2, 8]), curve("b", [2, 2, 2, 2])))
    assert one.at == pytest.approx(10 * sqrt(10))


@pytest.mark.parametrize(
    "y", [[2, 3, 4, 5], [3, 4, 5, 2], [3, 2, 2, 3], [2, 2, 2, 2], [2, 2, 2, 9]]
)
def test_to_touch_is_not_to_cross(y: list[float]) -> None:
    assert between(curve("a", y), curve("b", [2, 2, 2, 2])) == []


def test_a_crossing_next_to_either_edge_is_found() -> None:
    b = curve("b", [2, 2, 2, 2])
    assert only(between(curve("a", [1, 4, 5, 6]), b)).at == pytest.approx(sqrt(10))
    assert only(between(curve("a", [1, 1, 1, 4]), b)).at == pytest.approx(100 * sqrt(10))


def test_nothing_is_said_across_a_point_where_one_is_unknown() -> None:
    b = curve("b", [2, 2, 2, 2])
    assert between(curve("a", [1, nan, 3, 4]), b) == []
    assert between(curve("a", [1, 0, 3, 4]), b) == []
    assert only(between(curve("a", [1, 4, nan, 8]), b)).at == pytest.approx(sqrt(10))
    assert between(curve("a", [nan] * 4), b) == []
    assert between(curve("a", [], x=[]), curve("b", [], x=[])) == []
    assert between(curve("a", [1], x=[1]), curve("b", [2], x=[1])) == []


def test_the_interval_is_where_the_combined_intervals_hold_equality() -> None:
    """a/b goes from 1/10 to 10; each mean is known to a factor f, so a/b to f to the root of 2."""
    a, b = curve("a", [1, 10], 1.3, [1, 100]), curve("b", [10, 1], 1.3, [1, 100])
    one = only(between(a, b))
    assert one.at == pytest.approx(10)
    assert one.low == pytest.approx(10 / 1.3 ** sqrt(2))
    assert one.high == pytest.approx(10 * 1.3 ** sqrt(2))


def test_a_mean_known_exactly_gives_a_crossing_known_exactly() -> None:
    one = only(between(curve("a", [1, 2, 4, 8], 1.0), curve("b", [2.5] * 4, 1.0)))
    assert one.low == pytest.approx(one.at) == one.high


def test_an_interval_that_reaches_beyond_the_last_point_is_open() -> None:
    one = only(between(curve("a", [1, 4, 4, 2.1], 1.2), curve("b", [2, 2, 2, 2], 1.2)))
    assert one.low is not None and one.high is not None  # told apart at 1 and at 10
    one = only(between(curve("a", [0.2, 1.9, 2.1, 2.2], 1.2), curve("b", [2, 2, 2, 2], 1.2)))
    assert one.low is not None and one.low < one.at
    assert one.high is None


def test_a_point_without_an_interval_widens_it_to_the_next_that_has_one() -> None:
    a = curve("a", [1, 1.5, 4, 8], [1.1, nan, 1.1, 1.1])
    one = only(between(a, curve("b", [2, 2, 2, 2], 1.1)))
    assert 10 < one.at < 100
    assert one.low == pytest.approx(1)
    assert one.high == pytest.approx(100)


def test_back_and_forth_by_chance_is_one_crossing_or_none() -> None:
    b = curve("b", [2] * 6, 1.2, [1, 2, 4, 8, 16, 32])
    through = curve("a", [1, 1.9, 2.1, 1.9, 2.1, 4], 1.2, b.x)
    one = only(between(through, b))
    assert (one.below, one.above) == ("a", "b")
    assert one.neighbours == (4, 8)  # the middle one of three
    assert one.low is not None and one.high is not None
    assert 1 < one.low < 2
    assert 16 < one.high < 32
    assert between(curve("a", [1, 1.9, 2.1, 1.9, 1.9, 1], 1.2, b.x), b) == []
    alike = only(between(curve("a", [1.9, 2.1, 1.9, 2.1, 2.1, 2.1], 1.2, b.x), b))
    assert alike.low is None and alike.high is None


def test_crossovers_of_all_pairs_come_in_ascending_order() -> None:
    found = crossovers(
        [curve("a", [8, 4, 2, 1]), curve("b", [3, 3, 3, 3]), curve("c", [1, 2, 4, 8])]
    )
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert [(one.below, one.above) for one in found] == [("b", "a"), ("c", "a"), ("c", "b")]


def test_an_interval_holds_where_the_curves_cross_if_they_are_others() -> None:
    """40 kB against a device that takes 39 ms, or 10 % less or more."""
    rates = np.geomspace(1e6, 64e6, 7)
    split = curve("split", 320e6 / rates, x=rates)
    sure, slow, fast = (curve("local", [ms] * 7, x=rates) for ms in (39.0, 39 * 1.1, 39 / 1.1))
    one = only(crossovers([sure, split], [slow, split], [fast, split]))
    assert one.at == pytest.approx(320e6 / 39)
    assert (one.low, one.high) == pytest.approx((one.at / 1.1, one.at * 1.1))
    wide = only(crossovers([sure, curve("split", split.y, 1.05, rates)], [slow, split]))
    assert wide.low == pytest.approx(one.low)


def test_curves_that_do_not_cross_if_they_are_others_leave_the_interval_open() -> None:
    flat, falling = curve("a", [3] * 4), curve("b", [8, 4, 2, 1])
    never, always = curve("a", [0.5] * 4), curve("a", [9] * 4)
    assert only(crossovers([flat, falling], [never, falling])).high is None
    assert only(crossovers([flat, falling], [always, falling])).low is None
    both = only(crossovers([flat, falling], [never, falling], [always, falling]))
    assert (both.low, both.high) == (None, None)
