"""Accuracy over the size of the images that cross, a curve a quality; or over quality alone."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from testbed.figures import style

PANEL_IN, AROUND_IN = 1.35, 0.6
LOSSLESS = "lossless"
SAYS = "Share of test images answered rightly; bars: 95 % interval (Wilson)."


def draw(report: pd.DataFrame, tasks: Sequence[str], about: str) -> Figure:
    """A panel a task. report: of `choice.report`, of images alone. about: for the caption."""
    images = report[report["what"] == "images"].assign(
        coded=lambda rows: [
            LOSSLESS if np.isnan(quality) else f"JPEG {quality:.0f}"
            for quality in rows["quality"].astype(float)
        ]
    )
    over_size = images["side_px"].nunique() > 1
    across = "side_px" if over_size else "quality"
    order = images.sort_values("quality", ascending=False, na_position="first")
    names = list(dict.fromkeys(order["coded"])) if over_size else ["JPEG"]
    looks = style.looks(names)
    keys = [Line2D([], [], label=name, **style.line(look)) for name, look in looks.items()]
    height_in = PANEL_IN * len(tasks) + AROUND_IN
    drawn = style.with_legend(height_in, keys, min(3, len(keys)))
    panels = drawn.subplots(len(tasks), 1, sharex=True, squeeze=False)[:, 0]
    for axes, task in zip(panels, tasks, strict=True):
        for name, look in looks.items():
            of = images[images["coded"] == name] if over_size else images.dropna(subset=["quality"])
            _curve(axes, of.sort_values(across), across, task, look)
        axes.set_ylabel(f"{task} right (%)")
        axes.grid()
    if over_size:
        panels[-1].set_xscale("log")
        sides = sorted(images["side_px"].unique())
        panels[-1].set_xticks(sides, [f"{side:.0f}" for side in sides])
        panels[-1].minorticks_off()
    panels[-1].set_xlabel("side of the image that crosses (px)" if over_size else "JPEG quality")
    style.small_print(drawn, [about, SAYS])
    return drawn


def _curve(axes: Axes, rows: pd.DataFrame, across: str, task: str, look: style.Look) -> None:
    middle, low, high = (
        100 * rows[f"accuracy_{task}{end}"].to_numpy(float) for end in ("", "_low", "_high")
    )
    axes.errorbar(
        rows[across].to_numpy(float),
        middle,
        [middle - low, high - middle],
        marker="o",
        markersize=2.5,
        elinewidth=0.5,
        **style.line(look),
    )
