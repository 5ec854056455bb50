"""Every cut of a network: what a request's time divides into, and the bytes that cross."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from testbed.figures import style
from testbed.figures.curve_panel import scaled
from testbed.results.wording import milliseconds

PANEL_IN = 1.6
PARTS = (("edge", "#0072b2", ""), ("link", "#e69f00", "////"), ("server", "#009e73", "...."))
BYTES = "#d55e00"
REACH = 1.6
"""A bar so many times as high as the usual ones is cut off."""
UP: dict[str, Any] = {"xytext": (0, 2), "textcoords": "offset points", "ha": "center"}
SAYS = "Means in virtual time. Bold name: the published cut. Bytes: mean of what crosses, coded."


class CutBar(NamedTuple):
    """One cut. published: whether it is MTL-Split's. payload_bytes: mean. Times are means; mean_s
    of the whole request.
    """

    name: str
    published: bool
    payload_bytes: float
    edge_s: float
    server_s: float
    mean_s: float


def draw(rows: Sequence[CutBar], about: str) -> Figure:
    """Stacked bars above, bytes below, the cuts from the camera to the last block."""
    keys = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=name)
        for name, colour, hatch in PARTS
    ]
    drawn = style.with_legend(2 * PANEL_IN + 0.6, keys, len(keys), handlelength=1.4)
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    places = range(len(rows))
    bottom = [0.0] * len(rows)
    for name, colour, hatch in PARTS:
        heights = [_part_ms(row, name) for row in rows]
        above.bar(
            places,
            heights,
            bottom=bottom,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0,
        )
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    above.set_ylabel("mean latency (ms)")
    _keep_readable(above, bottom)
    sent = [row.payload_bytes / 1e3 for row in rows]
    crossing = [place for place in places if sent[place] > 0]
    below.plot(
        crossing,
        [sent[place] for place in crossing],
        color=BYTES,
        marker="o",
        markersize=2.5,
        linewidth=1,
    )
    scaled(below, "y", np.array([sent[place] for place in crossing]), log=True)
    below.set_ylabel("sent (kB)")
    below.grid(axis="y")
    below.set_xticks(
        places, [row.name for row in rows], rotation=60, ha="right", rotation_mode="anchor"
    )
    for label, row in zip(below.get_xticklabels(), rows, strict=True):
        label.set_fontweight("bold" if row.published else "normal")
    style.small_print(drawn, [about, SAYS])
    return drawn


def _keep_readable(axes: Axes, heights_ms: Sequence[float]) -> None:
    """Let bars that dwarf all others leave the panel, and say how high they are."""
    usual = max(sorted(heights_ms)[: len(heights_ms) // 2 + 1])
    limit = REACH * max(height for height in heights_ms if height <= REACH * usual)
    axes.set_ylim(0, limit if max(heights_ms) > limit else None)
    for place, height in enumerate(heights_ms):
        if height > limit:
            axes.annotate(
                milliseconds(height), (place, 1), xycoords=("data", "axes fraction"), **UP
            )


def _part_ms(row: CutBar, part: str) -> float:
    """What is neither of the ends' is the link's."""
    ends_s = {"edge": row.edge_s, "server": row.server_s}
    return 1e3 * ends_s.get(part, row.mean_s - row.edge_s - row.server_s)
