"""What all figures share: size, palette, legend, caption, files.

Figures are one column of a two-column paper wide and are read at that size, so no text is set
below 7 pt. Colours are Okabe and Ito's, which colour-blind readers can tell apart; a line's dashes
or a bar's hatching say the same again for print in grey.
"""

from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from itertools import chain, cycle
from math import ceil
from pathlib import Path
from textwrap import wrap
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from testbed.results.wording import milliseconds, percent, rate
from testbed.storage.files import replacing

WIDTH_IN = 3.5
FONT_PT = 7
PNG_DPI = 300
CAPTION_CHARACTERS = 68
LEGEND_ROW_IN = 0.14
LOG_FROM = 8.0  # largest over smallest from which a linear axis would flatten the small
DEADLINE_REACH = 2.0  # a deadline beyond so many slowest would squeeze them: say it instead

INK = "#222222"
MUTED = "#5a5a5a"
DEADLINE = "#b2182b"

Look = tuple[str, str | tuple[float, ...]]

LINES: tuple[Look, ...] = (
    ("#0072b2", ""),
    ("#d55e00", (5, 1.5)),
    ("#009e73", (1.2, 1)),
    ("#cc79a7", (5, 1.2, 1.2, 1.2)),
    ("#000000", (9, 1.5)),
    ("#e69f00", ""),
    ("#56b4e9", (3, 1, 1.2, 1, 1.2, 1)),
    ("#7f7f7f", (2.5, 2)),
)
"""Colour and dashes of the first deployment, the second and so on; then they repeat."""

_SETTINGS = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize"), FONT_PT),
    **dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), FONT_PT),
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.linewidth": 0.4,
    "grid.color": "#d9d9d9",
    **dict.fromkeys(("xtick.major.width", "ytick.major.width"), 0.6),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size"), 2.5),
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "testbed",  # element ids come from it, not from chance
}

HALO = [withStroke(linewidth=2, foreground="white")]
"""Keeps text readable where a line passes behind it."""
NOTE: dict[str, Any] = {"textcoords": "offset points", "path_effects": HALO, "zorder": 5}
"""Text so many points beside what it is about, above all else."""
DEADLINE_LINE: dict[str, Any] = {"color": DEADLINE, "linewidth": 0.9, "linestyle": (0, (4, 2))}

LEGEND: dict[str, Any] = {
    "loc": "outside upper left",
    "frameon": False,
    "handletextpad": 0.5,
    "columnspacing": 1.0,
    "labelspacing": 0.3,
    "borderpad": 0.1,
}
LEGEND_COLUMNS = 2
HANDLE = 2.8
"""Length of a line in a legend, in font sizes: shows its dashes."""


@contextmanager
def applied() -> Iterator[None]:
    """Draw within this, whatever matplotlibrc says; the settings are as before afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(sns.axes_style("ticks") | _SETTINGS)
        yield


def figure(height_in: float) -> Figure:
    """An empty figure of column width that no pyplot state knows of."""
    drawn = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(drawn)
    return drawn


def with_legend(
    height_in: float,
    keys: Sequence[Artist],
    columns: int = LEGEND_COLUMNS,
    *,
    handlelength: float = HANDLE,
) -> Figure:
    """A figure that leaves `height_in` below its legend, which is read row by row."""
    drawn = figure(height_in + legend_in(keys, columns))
    by_column = [key for column in range(columns) for key in keys[column::columns]]
    drawn.legend(handles=by_column, ncols=columns, handlelength=handlelength, **LEGEND)
    return drawn


def legend_in(keys: Sized, columns: int = LEGEND_COLUMNS) -> float:
    """Height of a legend."""
    return LEGEND_ROW_IN * ceil(len(keys) / columns)


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Colour and dashes of each name, by its place."""
    return dict(zip(names, cycle(LINES), strict=False))


def line(look: Look) -> dict[str, Any]:
    """How such a curve is drawn, in a panel and in the legend."""
    colour, dashes = look
    return {"color": colour, "linestyle": (0, dashes) if dashes else "-", "linewidth": 1.2}


def log_ticks(axis: Axis, *, all_labelled: bool = True) -> None:
    """Ticks at 1, 2, 5, 10 ... as plain numbers; else labels at powers of ten alone."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if all_labelled else (1,), numticks=20))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator() if all_labelled else LogLocator(subs=(2, 5), numticks=40))
    axis.set_minor_formatter(NullFormatter())


def write(drawn: Figure, stem: Path) -> list[Path]:
    """Write `stem`.png and `stem`.svg, whole; equal input gives equal bytes. Raises OSError."""
    png, svg = (stem.with_name(f"{stem.name}.{ending}") for ending in ("png", "svg"))
    with replacing(png) as draft:
        drawn.savefig(draft, dpi=PNG_DPI)
    with replacing(svg) as draft:
        drawn.savefig(draft, metadata={"Date": None})
    return [png, svg]


def deadline(axes: Axes, at_ms: float | None, deadline_ms: float) -> None:
    """A line at the deadline, named above the axes; with `at_ms` None it lies beyond their end."""
    text = f"deadline {milliseconds(deadline_ms)}"
    if at_ms is None:
        where, side, text = 1.0, "right", f"{text} \N{RIGHTWARDS ARROW}"
    else:
        axes.axvline(at_ms, **DEADLINE_LINE, zorder=3)
        to_axes = axes.transData + axes.transAxes.inverted()
        where = float(to_axes.transform((at_ms, 0))[0])
        side = "left" if where < 0.5 else "right"
    above(axes, text, where, ha=side, color=DEADLINE)


def above(axes: Axes, text: str, x: float, up_pt: float = 0.0, **how: Any) -> None:
    """Text above the axes, at a share of their width unless `xycoords` says otherwise."""
    how = {"xycoords": "axes fraction", "textcoords": "offset points"} | how
    axes.annotate(text, (x, 1), (0, 2 + up_pt), **how)


def small_print(drawn: Figure, said: Iterable[str]) -> None:
    """Lines below everything, wrapped to the figure's width."""
    lines = [wrap(line, CAPTION_CHARACTERS) for line in said]
    text = "\n".join(chain.from_iterable(lines))
    drawn.supxlabel(text, x=0.01, ha="left", fontsize=FONT_PT, color=MUTED)


def caption_lines(summary: dict[str, Any]) -> tuple[str, str]:
    """Scenario and configured link; backend and how well it kept to that, clock, requests."""
    link = summary["link"]["configured"]
    requests = sum(deployment["requests"] for deployment in summary["deployments"])
    if link is None:
        return (
            f"{summary['scenario']}: between two machines, link not emulated",
            f"{summary['clock']} clock; {requests} requests",
        )
    rates = (link[f"{way}_rate_bps"] for way in ("uplink", "downlink"))
    up, down = ("unlimited" if bps is None else rate(bps) for bps in rates)
    loss = percent(link["uplink_loss"])
    if link["downlink_loss"] != link["uplink_loss"]:
        loss += f" up, {percent(link['downlink_loss'])} down"
    kept = {True: "within tolerance", False: "OUT OF TOLERANCE", None: "tolerance not checked"}
    return (
        f"{summary['scenario']}: {'mean ' if link['varies'] else ''}{up} up, {down} down, "
        f"RTT {milliseconds(link['rtt_ms'])}, loss {loss}",
        f"{summary['backend']} link, {kept[summary['link']['within_tolerance']]}; "
        f"{summary['clock']} clock; {requests} requests",
    )
