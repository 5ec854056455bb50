"""One request from due to answered: a row a stage, each beginning where the one before it ends."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.figures.stages import look, total_text
from testbed.results.derived import STAGES
from testbed.results.wording import milliseconds

ROW_IN = 0.135
AROUND_AXES_IN = 0.8
BAR_HEIGHT = 0.72
GAP_ROWS = 0.6  # between one deployment's last stage and the next one's name
LEAST_MS = 0.01  # less is not worth its digits
ROOM = 1.2  # of the longest deployment, so that the last stage's time fits


def draw(summary: dict[str, Any]) -> Figure:
    """Mean stages of the requests that got an answer; a stage that took no time has no row."""
    shown = [(d, _stages(d)) for d in summary["deployments"]]
    rows = sum(1 + len(stages) + GAP_ROWS for _, stages in shown)
    drawn = style.figure(AROUND_AXES_IN + ROW_IN * rows)
    axes = drawn.add_subplot()
    at, ticks = 0.0, {}
    for deployment, stages in shown:
        axes.annotate(
            f"{deployment['name']}: {total_text(deployment)}", (0, at), va="center", weight="bold"
        )
        at += 1
        left = 0.0
        for stage, width in stages.items():
            _bar(axes, at, left, width, stage)
            ticks[at] = stage
            left, at = left + width, at + 1
        at += GAP_ROWS
    _frame(axes, at, ticks, max((d["latency_ms"]["mean"] or 0.0 for d, _ in shown), default=0.0))
    style.caption(drawn, summary)
    return drawn


def _stages(deployment: dict[str, Any]) -> dict[str, float]:
    """Stages that took time, in their order; clock noise below 0 has no length."""
    means = deployment["stages_ms"]
    return {stage: means[stage] for stage in STAGES if (means[stage] or 0.0) > 0}


def _bar(axes: Axes, row: float, left: float, width: float, stage: str) -> None:
    axes.barh(row, width, BAR_HEIGHT, left=left, **look(stage))
    axes.annotate(
        milliseconds(width) if width >= LEAST_MS else f"under {milliseconds(LEAST_MS)}",
        (left + width, row),
        (3, 0),
        textcoords="offset points",
        va="center",
        path_effects=style.HALO,
    )


def _frame(axes: Axes, end: float, ticks: dict[float, str], longest_ms: float) -> None:
    axes.set_xlim(0, ROOM * longest_ms or 1.0)
    axes.set_ylim(end - GAP_ROWS, -0.8)
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("mean time since due (ms)")
    axes.grid(axis="x")
