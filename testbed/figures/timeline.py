"""What became of each request of a run, over when it was due: who answered it, and after how long.

A panel a deployment, all repeats in it; outages of the link are shaded.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from testbed.figures import style
from testbed.figures.axis import CannotDraw
from testbed.results.record import Outcome
from testbed.results.wording import milliseconds

PANEL_IN = 0.95
AROUND_IN = 0.75  # axis label and caption
SIZE_PT2 = 7.0
OUTAGE = "#d9d9d9"
LOG_ROOM = 1.5  # beside the fastest and the slowest, on a logarithmic axis


class Look(NamedTuple):
    """How requests that ended in one way are drawn: colour, marker, words in the legend."""

    colour: str
    marker: str
    words: str


SERVER = Look("#0072b2", "o", "the server")
EDGE = Look("#009e73", "^", "the edge, as local does")
AFTER = Look("#d55e00", "s", "the edge, having waited")
AT_ONCE = Look("#e69f00", "D", "the edge, at once")
LOST = Look(style.DEADLINE, "x", "nobody: lost (at the top)")
LOOKS = (SERVER, EDGE, AFTER, AT_ONCE, LOST)


def draw(summary: dict[str, Any], requests: pd.DataFrame) -> Figure:
    """Every request of a run. Raises CannotDraw where it is not known when blocks began."""
    if requests["block_start_s"].isna().all():
        raise CannotDraw("found no block_start_s, needed: when each block began")
    ended = _ended(requests)
    shown = [look for look in LOOKS if ended[look].any()]
    outages = _outages(summary)
    keys: list[Line2D | Patch] = [_key(look) for look in shown]
    keys += [Patch(facecolor=OUTAGE, label="outage of the link")] if outages else []
    names = [deployment["name"] for deployment in summary["deployments"]]
    drawn = style.with_legend(AROUND_IN + PANEL_IN * len(names), keys, handlelength=1.4)
    panels = drawn.subplots(len(names), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    due_s = (requests["block_start_s"] + requests["due_s"]).to_numpy(float)
    latency_ms = requests["latency_s"].to_numpy(float) * 1e3
    for axes, name in zip(panels, names, strict=True):
        own = (requests["deployment"] == name).to_numpy()
        for start_s, end_s in outages:
            axes.axvspan(start_s, end_s, color=OUTAGE, linewidth=0, zorder=0)
        for look in shown:
            _scatter(axes, look, due_s[own & ended[look]], latency_ms[own & ended[look]])
        style.above(axes, name, 0.0, ha="left", weight="bold")
        axes.grid(axis="y")
    _limits(panels[0], latency_ms)
    _marks(panels[0], summary)
    drawn.supylabel("time from due to answered (ms)", fontsize=style.FONT_PT)
    panels[-1].set_xlabel("when the request was due, since its block's link began (s)")
    style.small_print(drawn, ["Colour: who answered.", *style.caption_lines(summary)])
    return drawn


def _ended(requests: pd.DataFrame) -> Mapping[Look, npt.NDArray[np.bool_]]:
    """Which requests ended in each way."""
    lost = (requests["outcome"] == Outcome.LOST).to_numpy()
    fell_back = requests["fell_back_s"].notna().to_numpy() & ~lost
    sent = requests["sent_s"].notna().to_numpy()
    return {
        SERVER: sent & ~fell_back & ~lost,
        EDGE: ~sent & ~fell_back & ~lost,
        AFTER: sent & fell_back,
        AT_ONCE: ~sent & fell_back,
        LOST: lost,
    }


def _outages(summary: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Of both ways, each once."""
    link = summary["link"]["configured"] or {}
    ways = (link.get(f"{way}_outages_s", ()) for way in ("uplink", "downlink"))
    return sorted({(start_s, end_s) for way in ways for start_s, end_s in way})


def _scatter(
    axes: Axes, look: Look, due_s: npt.NDArray[np.float64], latency_ms: npt.NDArray[np.float64]
) -> None:
    how: dict[str, Any] = {"s": SIZE_PT2, "color": look.colour, "marker": look.marker}
    how |= {"linewidths": 0.6 if look is LOST else 0.0, "zorder": 3}
    if look is LOST:
        axes.scatter(due_s, np.full(len(due_s), 0.97), transform=axes.get_xaxis_transform(), **how)
    else:
        axes.scatter(due_s, latency_ms, **how)


def _limits(axes: Axes, latency_ms: npt.NDArray[np.float64]) -> None:
    """Of all panels: logarithmic only if needed."""
    known = latency_ms[latency_ms > 0]  # drops the lost too: NaN is above nothing
    if known.size and known.max() / known.min() >= style.LOG_FROM:
        axes.set_yscale("log")
        axes.set_ylim(known.min() / LOG_ROOM, known.max() * LOG_ROOM)
        style.log_ticks(axes.yaxis)
    else:
        axes.set_ylim(0, None)


def _marks(axes: Axes, summary: Mapping[str, Any]) -> None:
    """What times mean something, in words above the first panel."""
    said = [f"deadline {milliseconds(summary['deadline_ms'])}"]
    if after_ms := summary.get("fallback_after_ms"):
        said.append(f"the edge falls back after {milliseconds(after_ms)}")
    style.above(axes, "; ".join(said), 1.0, ha="right", color=style.MUTED)


def _key(look: Look) -> Line2D:
    return Line2D(
        [], [], linestyle="", color=look.colour, marker=look.marker, markersize=3, label=look.words
    )
