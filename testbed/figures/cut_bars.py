"""Every cut of a network: what a request's time divides into, and the bytes that cross."""

from collections.abc import Mapping, Sequence
from itertools import chain, cycle
from math import ceil, inf
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from testbed.figures import style
from testbed.figures.curve_panel import scaled
from testbed.results.wording import milliseconds

PANEL_IN = 1.6
AROUND_IN = 0.6
LEGEND_COLUMNS = 3
PARTS = (("edge", "#0072b2", ""), ("link", "#e69f00", "////"), ("server", "#009e73", "...."))
UNCODED: style.Look = (style.MUTED, (1, 1.5))
CODED: tuple[style.Look, ...] = (
    ("#d55e00", ""),
    ("#cc79a7", (5, 1.5)),
    ("#000000", (9, 1.5)),
    ("#56b4e9", (3, 1, 1.2, 1)),
    ("#7f7f7f", (5, 1.2, 1.2, 1.2)),
)
"""Of the first codec, the second and so on; colours that no part of a bar has."""
MARKER: Mapping[str, Any] = {"marker": "o", "markersize": 2.5}
MOST_NAMES = 24
REACH = 1.6
"""A bar so many times as high as the usual ones is cut off."""
AT_TOP = ("data", "axes fraction")
SAYS = (
    "Means in virtual time; *: the fastest cut; in bold: the published one. "
    "Bytes: mean of what crosses."
)


class CutBar(NamedTuple):
    """One cut. published: whether it is MTL-Split's. sent_bytes: means by coding; empty where
    nothing crosses. Times are means; mean_s of the whole request, infinite where too many are lost.
    """

    name: str
    published: bool
    fastest: bool
    sent_bytes: Mapping[str, float]
    edge_s: float
    server_s: float
    mean_s: float


def draw(rows: Sequence[CutBar], codings: Sequence[str], about: str) -> Figure:
    """Stacked bars above, bytes below, the cuts from the camera to the last block.

    codings: keys of `sent_bytes` in the legend's order, uncoded bytes first.
    """
    lines = dict(zip(codings, chain([UNCODED], cycle(CODED)), strict=False))
    keys = [
        *(
            Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=name)
            for name, colour, hatch in PARTS
        ),
        *(Line2D([], [], label=name, **MARKER, **style.line(look)) for name, look in lines.items()),
    ]
    drawn = style.with_legend(2 * PANEL_IN + AROUND_IN, keys, LEGEND_COLUMNS)
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _draw_times(above, rows)
    _draw_bytes(below, rows, lines)
    _name_cuts(below, rows)
    style.small_print(drawn, [about, SAYS])
    return drawn


def _draw_times(axes: Axes, rows: Sequence[CutBar]) -> None:
    """A bar a cut; none where too many requests are lost."""
    known = {place: row for place, row in enumerate(rows) if row.mean_s < inf}
    bottom_ms = np.zeros(len(known))
    for name, colour, hatch in PARTS:
        heights_ms = np.array([_part_ms(row, name) for row in known.values()])
        look: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white"}
        axes.bar(list(known), heights_ms, bottom=bottom_ms, linewidth=0, **look)
        bottom_ms += heights_ms
    axes.set_ylabel("mean latency (ms)")
    limit_ms = _readable_ms([1e3 * row.mean_s for row in known.values()])
    axes.set_ylim(0, limit_ms)
    for place, row in enumerate(rows):
        if place not in known:
            _note(axes, "lost", place, 0.0)
        elif limit_ms is not None and 1e3 * row.mean_s > limit_ms:
            style.above(axes, milliseconds(1e3 * row.mean_s), place, ha="center", xycoords=AT_TOP)
        elif row.fastest:
            _note(axes, "*", place, 1e3 * row.mean_s)


def _draw_bytes(axes: Axes, rows: Sequence[CutBar], lines: Mapping[str, style.Look]) -> None:
    every_kb = [sent / 1e3 for row in rows for sent in row.sent_bytes.values()]
    for coding, look in lines.items():
        sent_kb = {
            place: row.sent_bytes[coding] / 1e3
            for place, row in enumerate(rows)
            if coding in row.sent_bytes
        }
        axes.plot(list(sent_kb), list(sent_kb.values()), **MARKER, **style.line(look))
    scaled(axes, "y", np.array(every_kb), log=True)
    axes.set_ylabel("sent (kB)")
    axes.grid(axis="y")


def _name_cuts(axes: Axes, rows: Sequence[CutBar]) -> None:
    """Below the axes; of many every second or third, the published one among them."""
    published = next((place for place, row in enumerate(rows) if row.published), 0)
    every = ceil(len(rows) / MOST_NAMES)
    places = range(published % every, len(rows), every)
    names = [rows[place].name for place in places]
    axes.set_xticks(places, names, rotation=60, ha="right", rotation_mode="anchor")
    for label, place in zip(axes.get_xticklabels(), places, strict=True):
        label.set_fontweight("bold" if rows[place].published else "normal")


def _readable_ms(heights_ms: Sequence[float]) -> float | None:
    """The end of an axis from which bars that dwarf all others are left out; None without such."""
    if not heights_ms:
        return None
    usual_ms = max(sorted(heights_ms)[: len(heights_ms) // 2 + 1])
    limit_ms = REACH * max(height for height in heights_ms if height <= REACH * usual_ms)
    return limit_ms if max(heights_ms) > limit_ms else None


def _part_ms(row: CutBar, part: str) -> float:
    """What is neither of the ends' is the link's."""
    ends_s = {"edge": row.edge_s, "server": row.server_s}
    return 1e3 * ends_s.get(part, row.mean_s - row.edge_s - row.server_s)


def _note(axes: Axes, text: str, place: int, height_ms: float) -> None:
    axes.annotate(text, (place, height_ms), (0, 1), ha="center", **style.NOTE)
