"""Ticks, labels and scales that any values get."""

import numpy as np
import pytest

from testbed.figures import curve_panel, style
from testbed.figures.axis import axis_of
from testbed.figures.best_map import scale_of
from tests.testbed.figures import sweeps


@pytest.mark.parametrize("values", [[130.0], [130.0, 131.0], [3.0, 900.0], [0.02, 4000.0]])
def test_any_logarithmic_axis_has_labelled_ticks_and_holds_the_values(values: list[float]) -> None:
    axes = style.figure(2).add_subplot()
    curve_panel.scaled(axes, "y", np.array([*values, np.nan]), log=True)
    low, high = axes.get_ylim()
    assert low < min(values) and max(values) < high
    assert [tick for tick in axes.get_yticks() if low <= tick <= high]


@pytest.mark.parametrize(
    ("values", "scale"), [([0, 1, 3], "linear"), ([1, 2, 3], "linear"), ([1, 2, 30], "log")]
)
def test_an_axis_is_logarithmic_only_if_values_need_it(values: list[float], scale: str) -> None:
    axes = style.figure(2).add_subplot()
    curve_panel.scaled(axes, "x", np.array(values, float), log=None)
    assert axes.get_xscale() == scale


def test_labels_above_a_panel_never_meet() -> None:
    at = [0.0, 5.0, 30.0, 31.0, 32.0, 150.0, 199.0, 200.0]
    texts = ["8.21 Mbit/s"] * len(at)
    placed = curve_panel.label_rows(at, texts, "RTT 10 ms", 200.0)
    wide = curve_panel.LABEL_PT_WIDE * len(texts[0])
    ends: dict[int, float] = {0: curve_panel.LABEL_PT_WIDE * len("RTT 10 ms")}
    for x, (row, side) in zip(at, placed, strict=True):
        start = x - {"left": 0.0, "center": wide / 2, "right": wide}[side]
        assert start >= ends.get(row, 0.0) and start + wide <= 200.0
        ends[row] = start + wide


def test_labels_far_apart_share_a_row() -> None:
    assert [row for row, _ in curve_panel.label_rows([50, 150], ["1", "2"], "", 200)] == [0, 0]


@pytest.mark.parametrize(
    ("keys", "column", "label", "words"),
    [
        (("link.uplink.rate",), "uplink_rate_bps", "uplink rate (Mbit/s)", "12 Mbit/s"),
        (("link.downlink.rate",), "downlink_rate_bps", "downlink rate (Mbit/s)", "12 Mbit/s"),
        (("link.uplink.delay", "link.downlink.delay"), "rtt_ms", "RTT (ms)", "12 s"),
        (("link.downlink.loss.p",), "downlink_loss", "downlink loss (%)", ""),
        (("workload.deadline",), "workload.deadline", "workload.deadline (ms)", ""),
        (("workload.arrival.periodic",), None, "workload.arrival.periodic (Hz)", ""),
        (("edge.slowdown",), None, "edge.slowdown", "1.2e+07"),
    ],
)
def test_axes_have_the_unit_people_read(
    keys: tuple[str, ...], column: str | None, label: str, words: str
) -> None:
    table = sweeps.sweep({key: [1.0, 2.0] for key in keys}).table
    axis = axis_of(keys, table)
    assert (axis.column, axis.label) == (column or keys[0], label)
    if words:
        assert axis.say(12e6 if axis.quantity != "rtt" else 12e3) == words


def test_rates_that_move_together_and_are_equal_are_one_rate() -> None:
    table = sweeps.sweep({"link.uplink.rate": [1e6, 2e6], "link.downlink.rate": [1e6, 2e6]}).table
    axis = axis_of(("link.uplink.rate", "link.downlink.rate"), table)
    assert axis.name == "rate, both ways"


def test_cells_of_a_map_reach_half_way_to_their_neighbours() -> None:
    rows = sweeps.sweep({"link.uplink.rate": [1e6, 10e6, 100e6]}).table
    scale = scale_of(axis_of(("link.uplink.rate",), rows), rows)
    assert scale.values == [1e6, 10e6, 100e6]
    assert scale.at.tolist() == pytest.approx([0, 1, 2])
    assert scale.edges.tolist() == pytest.approx([-0.5, 0.5, 1.5, 2.5])
    assert scale.tick_labels == ["1", "10", "100"]


def test_words_lie_side_by_side_in_the_order_of_the_sweep() -> None:
    key = "link.congestion_control"
    rows = sweeps.sweep({key: ["reno", "cubic", "bbr"]}).table
    scale = scale_of(axis_of((key,), rows), rows)
    assert scale.tick_labels == ["reno", "cubic", "bbr"]
    assert scale.edges.tolist() == [-0.5, 0.5, 1.5, 2.5]
