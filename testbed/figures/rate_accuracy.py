"""Accuracy kept against bytes sent, images and features in one picture, and what nothing beats."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from testbed.figures import style
from testbed.figures.curve_panel import scaled

PANEL_IN = 2.4
LOOKS = {"images": ("#d55e00", "s"), "features": ("#0072b2", "o")}
SAYS = (
    "Accuracy of the task that loses most; bars: 95 % interval of the loss against the whole "
    "network, paired. Line: no other sends less and keeps more."
)


class Kept(NamedTuple):
    """One deployment that sends something. kept, low, high: accuracy against the whole network's
    own, in points of per cent, 0 where nothing is lost, with its 95 % interval.
    """

    name: str
    what: str
    size_bytes: float
    kept: float
    low: float
    high: float
    on_front: bool


def draw(points: Sequence[Kept], about: str) -> Figure:
    """One panel; bytes on a logarithmic axis. about: what it is of, for the caption."""
    keys = [
        Line2D([], [], color=colour, marker=marker, linestyle="none", markersize=3, label=what)
        for what, (colour, marker) in LOOKS.items()
    ]
    drawn = style.with_legend(PANEL_IN + 0.75, keys)
    axes = drawn.subplots()
    for what, (colour, marker) in LOOKS.items():
        of = [point for point in points if point.what == what]
        for filled in (True, False):
            some = [point for point in of if point.on_front == filled]
            axes.errorbar(
                [point.size_bytes / 1e3 for point in some],
                [point.kept for point in some],
                [[p.kept - p.low for p in some], [p.high - p.kept for p in some]],
                color=colour,
                marker=marker,
                linestyle="none",
                markersize=3,
                markerfacecolor=colour if filled else "white",
                markeredgewidth=0.7,
                elinewidth=0.5 if filled else 0.25,
                zorder=4 if filled else 2,
            )
    best = sorted((p.size_bytes / 1e3, p.kept) for p in points if p.on_front)
    axes.plot(
        *zip(*best, strict=True), color=style.INK, linewidth=0.8, drawstyle="steps-post", zorder=3
    )
    scaled(axes, "x", np.array([point.size_bytes / 1e3 for point in points]), log=True)
    axes.set_xlabel("bytes a request (kB)")
    axes.set_ylabel("accuracy kept (points)")
    axes.grid()
    style.small_print(drawn, [about, SAYS])
    return drawn
