"""The tasks made to conflict are what they claim to be."""

import numpy as np

from testbed.data.factors import COUNT, FACTORS, factor_table
from testbed.paper.training.conflict import conflict_labels

TABLE = factor_table(np.arange(COUNT))
LABELS = {name: TABLE[:, column] for column, name in enumerate(FACTORS)}
CONFLICTING = conflict_labels(LABELS)


def test_the_shape_is_renamed_one_to_one_within_a_combination_of_colours() -> None:
    colours = TABLE[:, 0] * 100 + TABLE[:, 1] * 10 + TABLE[:, 2]
    named = np.unique(
        np.stack([colours, LABELS["shape"], CONFLICTING["shuffled_shape"]], axis=1), axis=0
    )
    assert len(named) == 1000 * 4  # one name for each shape of each combination
    assert len(np.unique(named[:, [0, 2]], axis=0)) == 1000 * 4  # and no name twice


def test_neither_shape_nor_colours_alone_tell_the_new_name() -> None:
    for known in ("shape", "floor_hue", "wall_hue", "object_hue"):
        counts = np.zeros((FACTORS[known], 4))
        np.add.at(counts, (LABELS[known], CONFLICTING["shuffled_shape"]), 1)
        shares = counts / counts.sum(axis=1, keepdims=True)
        assert np.abs(shares - 0.25).max() < 0.05


def test_lots_are_even_and_bound_to_the_image() -> None:
    shares = np.bincount(CONFLICTING["random"], minlength=10) / COUNT
    assert np.abs(shares - 0.1).max() < 0.005
    some = np.array([7, 100_000, 479_999])
    again = conflict_labels({name: labels[some] for name, labels in LABELS.items()})
    assert (again["random"] == CONFLICTING["random"][some]).all()
