"""The six factors, their order and the published split."""

import numpy as np
import pytest

from testbed.data import factors as f
from tests.testbed.data.by_factors import index_of


def test_the_order_is_the_published_one() -> None:
    assert f.factors(0) == (0, 0, 0, 0, 0, 0)
    assert f.factors(1) == (0, 0, 0, 0, 0, 1)
    assert f.factors(15) == (0, 0, 0, 0, 1, 0)
    assert f.factors(479_999) == (9, 9, 9, 7, 3, 14)


@pytest.mark.parametrize("index", [0, 1, 12_345, 239_999, 479_999])
def test_an_index_survives_the_round_trip(index: int) -> None:
    assert index_of(*f.factors(index)) == index


def test_the_table_agrees_with_single_look_ups() -> None:
    indices = np.array([7, 100_000, 479_998])
    assert [tuple(row) for row in f.factor_table(indices).tolist()] == [
        f.factors(int(index)) for index in indices
    ]


@pytest.mark.parametrize("index", [-1, 480_000])
def test_an_index_outside_is_refused(index: int) -> None:
    with pytest.raises(IndexError, match=r"0\.\.479999"):
        f.factors(index)


def test_the_split_has_the_published_sizes_and_rule() -> None:
    train, test = f.split_indices("train"), f.split_indices("test")
    assert (len(train), len(test)) == (360_000, 120_000)
    assert len(np.intersect1d(train, test)) == 0
    assert (f.factor_table(test)[:, :2] >= 5).all()
    assert (f.factor_table(train)[:, :2] < 5).any(axis=1).all()


def test_values_span_the_published_ranges() -> None:
    assert (f.scale_value(0), f.scale_value(7)) == (0.75, 1.25)
    assert (f.orientation_degrees(0), f.orientation_degrees(7)) == (-30, 0)
    assert f.orientation_degrees(14) == 30


def test_ten_hues_are_ten_colours() -> None:
    colours = {f.hue_rgb(hue) for hue in range(10)}
    assert len(colours) == 10
    assert all(0 <= part <= 1 for colour in colours for part in colour)
