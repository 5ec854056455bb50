"""Where a request's time goes: bars of mean stage times, stacked or one below the other."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import bars, style
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
    "unanswered": ("#fbe3c8", "....."),
    "fallback": ("#5d9bd1", "-----"),
    "other": ("#b3b3b3", "xxxxx"),
}
"""Blue on the edge, orange on the link, green on the server; lightness and hatching say it again
in grey. A deployment has uplink and downlink, or network, never all three: these share a colour."""

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
    rows = [bars.Bar(d["name"], _stages(d), total_text(d)) for d in deployments]
    drawn, axes = bars.stacked(rows, {stage: LOOKS[stage] for stage in STAGES})
    deadline_ms = summary["deadline_ms"]
    longest = _longest(deployments) or deadline_ms
    room = TOTAL_ROOM + (0.15 if any(d["lost"] for d in deployments) else 0.0)
    room += 0.25 if any(d.get("fell_back") for d in deployments) else 0.0
    reaches = deadline_ms <= style.DEADLINE_REACH * longest
    bars.frame(axes, max(longest * room, deadline_ms * 1.04 if reaches else 0.0))
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
            ticks[at] = bars.word(stage)
            at, left = at + 1, left + width
        at += GAP_ROWS
    axes.set_ylim(at - GAP_ROWS, -0.8)
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.tick_params(axis="y", length=0)
    bars.frame(axes, STEP_ROOM * _longest(deployments) or 1.0)
    axes.set_xlabel("mean time since due (ms)")
    style.small_print(drawn, style.caption_lines(summary))
    return drawn


def total_text(deployment: dict[str, Any]) -> str:
    """The mean and, as it hides them, how many never came, or from the edge after all."""
    mean, lost = deployment["latency_ms"]["mean"], deployment["lost"]
    if mean is None:
        return f"no answer ({lost} lost)"
    fell_back = deployment.get("fell_back")
    said = [milliseconds(mean), *([f"{lost} lost"] if lost else [])]
    return ", ".join([*said, *([f"{fell_back} fell back"] if fell_back else [])])


def _stages(deployment: dict[str, Any]) -> dict[str, float]:
    """Stages that took time, in their order; clock noise below 0 has no length.

    Summaries from before a stage was told apart from the others do not have it.
    """
    means = deployment["stages_ms"]
    return {stage: means[stage] for stage in STAGES if (means.get(stage) or 0.0) > 0}


def _longest(deployments: list[dict[str, Any]]) -> float:
    return max((d["latency_ms"]["mean"] or 0.0 for d in deployments), default=0.0)


def _step(axes: Axes, row: float, left: float, width: float, stage: str) -> None:
    axes.barh(row, width, STEP_HEIGHT, left=left, **bars.look(LOOKS[stage]))
    words = milliseconds(width) if width >= LEAST_MS else f"under {milliseconds(LEAST_MS)}"
    axes.annotate(words, (left + width, row), (3, 0), va="center", **style.NOTE)
