"""Where the time goes: one stacked bar of mean stage times a deployment."""

from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from testbed.figures import style
from testbed.results.derived import STAGES
from testbed.results.wording import milliseconds

LOOKS = {
    "wait": ("#f5f5f5", "++++"),
    "head": ("#0b4f8a", ""),
    "encode": ("#8cc9ee", "/////"),
    "uplink": ("#f28e3c", ""),
    "network": ("#f28e3c", ""),
    "downlink": ("#fbd37a", "\\\\\\\\\\"),
    "decode": ("#c5ebdf", "|||||"),
    "tail": ("#35b38b", "-----"),
    "other": ("#b3b3b3", "xxxxx"),
}
"""Blue on the edge, orange on the link, green on the server; lightness and hatching say it again
in grey. A deployment has uplink and downlink, or network, never all three: these share a colour."""

ROW_IN = 0.36
BAR_HEIGHT = 0.38  # of a row; the rest holds the name above the bar
ABOVE_FIRST_ROW = 0.8  # rows from the axes' top to the middle of the first bar
AROUND_AXES_IN = 0.95  # deadline, tick labels, axis label and caption
LEGEND_COLUMNS = 5
TOTAL_ROOM = 1.28  # of the longest bar, so that its total fits to the right of it
DEADLINE_REACH = 2.0  # a deadline beyond so many longest bars would squeeze them: say it instead


def draw(summary: dict[str, Any]) -> Figure:
    """Bars of the mean over requests that got an answer; beside each its total and its losses."""
    deployments = summary["deployments"]
    shown = [stage for stage in STAGES if any(_ms(d, stage) > 0 for d in deployments)]
    drawn = style.figure(
        AROUND_AXES_IN
        + style.LEGEND_ROW_IN * ceil(len(shown) / LEGEND_COLUMNS)
        + ROW_IN * (len(deployments) - 0.5 + ABOVE_FIRST_ROW)
    )
    axes = drawn.add_subplot()
    for row, deployment in enumerate(deployments):
        _bar(axes, row, deployment, shown)
    _frame(axes, deployments, summary["deadline_ms"])
    _legend(drawn, shown)
    style.caption(drawn, summary)
    return drawn


def _ms(deployment: dict[str, Any], stage: str) -> float:
    """Mean of the stage; 0 when nothing was answered. Clock noise below 0 has no length."""
    return max(0.0, deployment["stages_ms"][stage] or 0.0)


def _bar(axes: Axes, row: int, deployment: dict[str, Any], shown: list[str]) -> None:
    left = 0.0
    for stage in shown:
        width = _ms(deployment, stage)
        if width == 0:
            continue  # its edge would still be drawn
        edge = style.MUTED if LOOKS[stage][1] else "white"
        axes.barh(row, width, BAR_HEIGHT, left=left, **look(stage) | {"edgecolor": edge})
        left += width
    axes.annotate(
        deployment["name"],
        (0, row - BAR_HEIGHT / 2),
        (1, 2.5),
        textcoords="offset points",
        path_effects=style.HALO,
        zorder=5,
    )
    axes.annotate(
        total_text(deployment),
        (left, row),
        (3 if left else 1, 0),
        textcoords="offset points",
        va="center",
        path_effects=style.HALO,
        zorder=5,
    )


def look(stage: str) -> dict[str, Any]:
    """How the stage's part of a bar is filled."""
    colour, hatch = LOOKS[stage]
    return {"facecolor": colour, "hatch": hatch, "edgecolor": style.MUTED, "linewidth": 0.3}


def total_text(deployment: dict[str, Any]) -> str:
    """The mean and, as it hides them, how many never came."""
    mean, lost = deployment["latency_ms"]["mean"], deployment["lost"]
    if mean is None:
        return f"no answer ({lost} lost)"
    return milliseconds(mean) + (f", {lost} lost" if lost else "")


def _frame(axes: Axes, deployments: list[dict[str, Any]], deadline_ms: float) -> None:
    longest = max((d["latency_ms"]["mean"] or 0.0 for d in deployments), default=0.0)
    longest = longest or deadline_ms
    room = TOTAL_ROOM + (0.15 if any(d["lost"] for d in deployments) else 0.0)
    reaches = deadline_ms <= DEADLINE_REACH * longest
    axes.set_xlim(0, max(longest * room, deadline_ms * 1.04 if reaches else 0.0))
    axes.set_ylim(len(deployments) - 0.5, -ABOVE_FIRST_ROW)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("mean time from due to answered (ms)")
    axes.grid(axis="x")
    style.deadline(axes, deadline_ms if reaches else None, deadline_ms)


def _legend(drawn: Figure, shown: list[str]) -> None:
    keys = [Patch(label=stage, **look(stage)) for stage in shown]
    style.legend(drawn, keys, LEGEND_COLUMNS, handlelength=1.4)
