"""One picture of a decision: a panel a link, a group of bars a device, the choice in colour."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from testbed.figures import style
from testbed.results.wording import digits

BAR_IN = 0.135
FRAME_IN = 0.75
GAP = 1.4
"""Between groups, in bars."""
CHOSEN, FIELD, OTHER = style.LINES[0][0], "#9a9a9a", "#d9d9d9"


def draw(report: Mapping[str, Any], stem: Path) -> list[Path]:
    """Draw `stem`.png and `stem`.svg. report: as `decision.main` writes it. Raises OSError."""
    rows = report["rows"]
    links = list(dict.fromkeys(row["scenario"] for row in rows))
    count = sum(len(_bars_of(row)) + GAP for row in rows) / len(links)
    with style.applied():
        keys = [
            Patch(facecolor=CHOSEN, label="chosen"),
            Patch(facecolor=FIELD, label="what the field compares"),
            Patch(facecolor=OTHER, label="best of its kind"),
        ]
        figure = style.with_legend(count * BAR_IN + FRAME_IN, keys, 3, handlelength=1.2)
        panels = figure.subplots(1, len(links), sharey=True, squeeze=False)[0]
        for panel, link in zip(panels, links, strict=True):
            _panel(panel, [row for row in rows if row["scenario"] == link])
            panel.set_title(link, loc="left")
        figure.supxlabel("mean latency of a request (ms)", fontsize=style.FONT_PT)
        return style.write(figure, stem)


def _bars_of(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and deployment, from above. The best of a kind comes behind the field's of it."""
    field, best_of = row["field"], row["best_of"]
    return [
        ("LoC: local", field["LoC"]),
        ("RoC: raw image", field["RoC"]),
        ("best offload", best_of.get("remote", field["RoC"])),
        ("SC: fp16 features", field["SC"]),
        ("best split", best_of.get("split", field["SC"])),
    ]


def _panel(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    at, ticks, labels, heads, most_ms = 0.0, list[float](), list[str](), list[int](), 0.0
    for row in rows:
        ticks.append(at)
        labels.append(row["device"])
        heads.append(len(ticks) - 1)
        at += 1
        for label, name in _bars_of(row):
            costs, chosen = row["takes"][name], name == row["chosen"]
            best = label.startswith("best")
            colour = CHOSEN if chosen else OTHER if best else FIELD
            mean_ms = costs["mean_ms"]
            if mean_ms is not None:
                axes.barh(at, mean_ms, height=0.8, color=colour)
                most_ms = max(most_ms, mean_ms)
            axes.annotate(
                "lost" if mean_ms is None else digits(mean_ms),
                (mean_ms or 0, at),
                (2, 0),
                va="center",
                fontweight="bold" if chosen else "normal",
                **style.NOTE,
            )
            ticks.append(at)
            labels.append(label)
            at += 1
        at += GAP - 1
    axes.set_yticks(ticks, labels)
    for place, text in enumerate(axes.get_yticklabels()):
        text.set(fontweight="bold" if place in heads else "normal")
    axes.set_ylim(at - GAP + 0.6, -0.7)
    axes.set_xlim(0, most_ms * 1.35)
    axes.tick_params(axis="y", length=0)
