"""Accuracy of single-task and multi-task networks, with intervals, one panel a data set."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.paper.accuracy.compare import Cell
from testbed.paper.looks import (
    DATASET_NAMES,
    MULTI,
    SINGLE,
    in_words,
    on_one_line,
    rows,
    small_print,
)
from testbed.paper.training.statistics import Interval

ROW_IN = 0.2
AROUND_PANEL_IN = 0.42
AROUND_ALL_IN = 0.4
_LABELS = ("single-task (STL)", "multi-task (MTL)", "guessing")
_APART = 0.17  # of a row, between the two points of a task


@style.applied()
def draw(cells: Sequence[Cell], quick: bool) -> Figure:
    """One row a backbone and task: a point and its interval for STL and for MTL, a tick at chance.

    Intervals are drawn where there are seeds enough to have one.
    """
    panels: dict[str, list[Cell]] = {}
    for cell in cells:
        panels.setdefault(cell.setting.dataset, []).append(cell)
    heights = [AROUND_PANEL_IN + ROW_IN * len(of) for of in panels.values()]
    drawn = style.figure(AROUND_ALL_IN + sum(heights))
    axes = drawn.subplots(max(1, len(panels)), squeeze=False, height_ratios=heights or None)
    for panel, (dataset, of) in zip(axes[:, 0], panels.items(), strict=False):
        _panel(panel, DATASET_NAMES[dataset], of)
    axes[-1, 0].set_xlabel("test images right (%)")
    if cells:
        handles, labels = axes[0, 0].get_legend_handles_labels()
        drawn.legend(handles, labels, ncols=3, **style.LEGEND)
    small_print(drawn, "bars: 95 % intervals over seeds", quick)
    return drawn


def _panel(axes: Axes, title: str, cells: Sequence[Cell]) -> None:
    for row, cell in enumerate(cells):
        found = cell.accuracy
        single, multi, guess = _LABELS if not row else ("", "", "")
        _point(axes, row - _APART, found.single, color=SINGLE, fmt="s", label=single)
        _point(axes, row + _APART, found.multi, color=MULTI, fmt="o", label=multi)
        at = (row - 0.4, row + 0.4)
        axes.plot([cell.chance] * 2, at, color="#9a9a9a", linewidth=1.0, label=guess)
        if row and cell.setting != cells[row - 1].setting:
            axes.axhline(row - 0.5, color="#d9d9d9", linewidth=0.5)
    short = [on_one_line(c.setting.backbone).replace("-Small", "-S") for c in cells]
    more = ["" if c.fairness == "equal steps" else ", = compute" for c in cells]
    names = [
        f"{name}, {in_words(c.task)}{way}" for name, c, way in zip(short, cells, more, strict=True)
    ]
    rows(axes, names, title, margin=0.5)
    axes.set_xlim(0, 101)


def _point(axes: Axes, at: float, found: Interval, **look: Any) -> None:
    axes.errorbar(
        found.mean, at, xerr=found.half, markersize=3, elinewidth=0.9, capsize=1.5, **look
    )
