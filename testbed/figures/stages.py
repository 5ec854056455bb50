"""Where a request's time goes: bars of mean stage times, stacked or one below the other."""

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
    "queue": ("#e6f6f0", "....."),
    "reply_wait": ("#dbeaf5", "xxxx"),
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

STEP_IN = 0.135  # a row of a waterfall
AROUND_STEPS_IN = 0.8
STEP_HEIGHT = 0.72
GAP_ROWS = 0.6  # between one deployment's last stage and the next one's name
LEAST_MS = 0.01  # less is not worth its digits
STEP_ROOM = 1.2  # of the longest deployment, so that the last stage's time fits


def draw(summary: dict[str, Any]) -> Figure:
    """A stacked bar a deployment, over requests that got an answer; with its total and losses."""
    deployments = summary["deployments"]
    shown = [stage for stage in STAGES if any(stage in _stages(d) for d in deployments)]
    keys = [Patch(label=_word(stage), **_look(stage)) for stage in shown]
    rows_in = ROW_IN * (len(deployments) - 0.5 + ABOVE_FIRST_ROW)
    drawn = style.with_legend(AROUND_AXES_IN + rows_in, keys, LEGEND_COLUMNS, handlelength=1.4)
    axes = drawn.add_subplot()
    for row, deployment in enumerate(deployments):
        _bar(axes, row, deployment)
    deadline_ms = summary["deadline_ms"]
    longest = _longest(deployments) or deadline_ms
    room = TOTAL_ROOM + (0.15 if any(d["lost"] for d in deployments) else 0.0)
    reaches = deadline_ms <= style.DEADLINE_REACH * longest
    axes.set_ylim(len(deployments) - 0.5, -ABOVE_FIRST_ROW)
    axes.set_yticks([])
    _frame(axes, max(longest * room, deadline_ms * 1.04 if reaches else 0.0))
    axes.set_xlabel("mean time from due to answered (ms)")
    style.deadline(axes, deadline_ms if reaches else None, deadline_ms)
    style.small_print(drawn, style.caption_lines(summary))
    return drawn


def draw_waterfall(summary: dict[str, Any]) -> Figure:
    """A row a stage, each beginning where the one before it ends; none for one without time."""
    deployments = summary["deployments"]
    rows = sum(1 + len(_stages(deployment)) + GAP_ROWS for deployment in deployments)
    drawn = style.figure(AROUND_STEPS_IN + STEP_IN * rows)
    axes = drawn.add_subplot()
    at, ticks = 0.0, {}
    for deployment in deployments:
        axes.annotate(
            f"{deployment['name']}: {total_text(deployment)}", (0, at), va="center", weight="bold"
        )
        at, left = at + 1, 0.0
        for stage, width in _stages(deployment).items():
            _step(axes, at, left, width, stage)
            ticks[at] = _word(stage)
            at, left = at + 1, left + width
        at += GAP_ROWS
    axes.set_ylim(at - GAP_ROWS, -0.8)
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="y", length=0)
    _frame(axes, STEP_ROOM * _longest(deployments) or 1.0)
    axes.set_xlabel("mean time since due (ms)")
    style.small_print(drawn, style.caption_lines(summary))
    return drawn


def total_text(deployment: dict[str, Any]) -> str:
    """The mean and, as it hides them, how many never came."""
    mean, lost = deployment["latency_ms"]["mean"], deployment["lost"]
    if mean is None:
        return f"no answer ({lost} lost)"
    return milliseconds(mean) + (f", {lost} lost" if lost else "")


def _stages(deployment: dict[str, Any]) -> dict[str, float]:
    """Stages that took time, in their order; clock noise below 0 has no length.

    Summaries from before a stage was told apart from the others do not have it.
    """
    means = deployment["stages_ms"]
    return {stage: means[stage] for stage in STAGES if (means.get(stage) or 0.0) > 0}


def _longest(deployments: list[dict[str, Any]]) -> float:
    return max((d["latency_ms"]["mean"] or 0.0 for d in deployments), default=0.0)


def _word(stage: str) -> str:
    return stage.replace("_", " ")


def _look(stage: str) -> dict[str, Any]:
    """How the stage's part of a bar is filled."""
    colour, hatch = LOOKS[stage]
    return {"facecolor": colour, "hatch": hatch, "edgecolor": style.MUTED, "linewidth": 0.3}


def _bar(axes: Axes, row: int, deployment: dict[str, Any]) -> None:
    left = 0.0
    for stage, width in _stages(deployment).items():
        edge = style.MUTED if LOOKS[stage][1] else "white"
        axes.barh(row, width, BAR_HEIGHT, left=left, **_look(stage) | {"edgecolor": edge})
        left += width
    axes.annotate(deployment["name"], (0, row - BAR_HEIGHT / 2), (1, 2.5), **style.NOTE)
    beside = (3 if left else 1, 0)
    axes.annotate(total_text(deployment), (left, row), beside, va="center", **style.NOTE)


def _step(axes: Axes, row: float, left: float, width: float, stage: str) -> None:
    axes.barh(row, width, STEP_HEIGHT, left=left, **_look(stage))
    words = milliseconds(width) if width >= LEAST_MS else f"under {milliseconds(LEAST_MS)}"
    axes.annotate(words, (left + width, row), (3, 0), va="center", **style.NOTE)


def _frame(axes: Axes, end_ms: float) -> None:
    """What both figures have in common: time to the right, no line at the left."""
    axes.set_xlim(0, end_ms)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
