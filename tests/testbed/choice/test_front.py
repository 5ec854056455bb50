"""The front: checked against its definition, one pair after the other."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from testbed.choice.front import front

few_values = arrays(
    float, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(0, 3)
)


@given(few_values)
def test_it_is_what_nothing_beats(costs: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    for row, kept in zip(costs, front(costs.tolist()), strict=True):
        beaten = any((other <= row).all() and (other < row).any() for other in costs)
        assert kept == (not beaten)


@pytest.mark.parametrize(
    ("costs", "kept"),
    [
        ([[1.0, 2.0], [2.0, 1.0], [2.0, 2.0]], [True, True, False]),
        ([[1.0, 1.0], [1.0, 1.0]], [True, True]),
        ([[nan, 1.0], [5.0, 1.0]], [False, True]),
        ([[nan, 0.0], [inf, 1.0]], [True, False]),
    ],
)
def test_unknown_is_worse_than_any_number(costs: list[list[float]], kept: list[bool]) -> None:
    assert front(costs).tolist() == kept
