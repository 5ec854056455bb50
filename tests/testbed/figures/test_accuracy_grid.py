"""Accuracy over size and quality: which curves there are, and over what."""

from math import nan
from typing import Any

import pandas as pd

from testbed.figures import accuracy_grid, style


def row(side_px: float, quality: float, right: float) -> dict[str, Any]:
    ends = {"accuracy_digit_low": right - 0.05, "accuracy_digit_high": right + 0.05}
    return {
        "what": "images",
        "side_px": side_px,
        "quality": quality,
        "accuracy_digit": right,
        **ends,
    }


NOTHING = row(nan, nan, 1.0) | {"what": "nothing"}


def curves(rows: list[dict[str, Any]]) -> tuple[list[list[tuple[float, float]]], str, list[str]]:
    """Points of each curve, what is across, names in the legend."""
    with style.applied():
        drawn = accuracy_grid.draw(pd.DataFrame(rows), ["digit"], "made up")
    (axes,) = drawn.axes
    points = [list(map(tuple, container[0].get_xydata().tolist())) for container in axes.containers]
    (legend,) = drawn.legends
    return points, axes.get_xlabel(), [text.get_text() for text in legend.get_texts()]


def test_several_sizes_give_a_curve_a_quality_the_lossless_first() -> None:
    rows = [row(32, 50, 0.6), row(32, nan, 0.9), row(16, 50, 0.3), row(16, nan, 0.7), NOTHING]
    points, across, names = curves(rows)
    assert names == ["lossless", "JPEG 50"]
    assert points == [[(16, 70), (32, 90)], [(16, 30), (32, 60)]]
    assert across == "side of the image that crosses (px)"


def test_one_size_gives_one_curve_over_quality() -> None:
    points, across, names = curves([row(32, 90, 0.9), row(32, 10, 0.4), row(32, nan, 0.9), NOTHING])
    assert (points, across, names) == ([[(10, 40), (90, 90)]], "JPEG quality", ["JPEG"])
