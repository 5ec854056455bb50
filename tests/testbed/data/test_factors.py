"""The six factors, their order and the published split."""

import numpy as np
import pytest

from testbed.data import factors as f
from tests.testbed.data.by_factors import index_of


def test_the_order_is_the_published_one() -> None:
    table = f.factor_table(np.array([0, 1, 15, 479_999])).tolist()
    assert table[:2] == [[0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]]
    assert table[2:] == [[0, 0, 0, 0, 1, 0], [9, 9, 9, 7, 3, 14]]


@pytest.mark.parametrize("index", [0, 1, 12_345, 239_999, 479_999])
def test_an_index_survives_the_round_trip(index: int) -> None:
    (row,) = f.factor_table(np.array([index])).tolist()
    assert index_of(*row) == index


@pytest.mark.parametrize("index", [-1, 480_000])
def test_an_index_outside_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match=r"out of bounds|invalid entry"):
        f.factor_table(np.array([index]))


def test_the_split_has_the_published_sizes_and_rule() -> None:
    train, test = f.split_indices("train"), f.split_indices("test")
    assert (len(train), len(test)) == (360_000, 120_000)
    assert len(np.intersect1d(train, test)) == 0
    assert (f.factor_table(test)[:, :2] >= 5).all()
    assert (f.factor_table(train)[:, :2] < 5).any(axis=1).all()


def test_values_span_the_published_ranges() -> None:
    scales, degrees = f.FACTOR_VALUES["scale"], f.FACTOR_VALUES["orientation"]
    assert (scales[0], scales[7]) == (0.75, 1.25)
    assert (degrees[0], degrees[7], degrees[14]) == (-30, 0, 30)
    assert list(f.FACTORS.values()) == [10, 10, 10, 8, 4, 15]


def test_ten_hues_are_ten_colours() -> None:
    colours = {f.hue_rgb(hue) for hue in range(10)}
    assert len(colours) == 10
    assert all(0 <= part <= 1 for colour in colours for part in colour)
