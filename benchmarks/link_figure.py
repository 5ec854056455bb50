"""One column-wide figure of three panels: TCP's rate, round trips and losses, by backend."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from benchmarks.link_cells import GOODPUT_SHARE, PROBE_RTT_MS, RTT_MEDIAN_MS, Finding
from testbed.figures import style

ROW_IN = 0.26
FRAME_IN = 0.5
LEGEND_IN = 0.5
MARKERS = ("o", "s", "^", "D")
MARKER_PT = 3.4
PROBE = "probe"
LABELS = {
    "goodput": "TCP goodput / ideal",
    "rtt": "error of the median round trip (ms)",
    "loss": "packets lost (%), 95 % interval",
}
"""Quantity -> what its panel's axis is called."""
TARGET: dict[str, Any] = {"color": style.DEADLINE, "linewidth": 0.9, "linestyle": (0, (4, 2))}
PROBE_TARGET: dict[str, Any] = TARGET | {"linestyle": (0, (1, 1.5))}
LIMITS = {
    "goodput": {GOODPUT_SHARE: TARGET},
    "rtt": {
        **dict.fromkeys((-RTT_MEDIAN_MS, RTT_MEDIAN_MS), TARGET),
        **dict.fromkeys((-PROBE_RTT_MS, PROBE_RTT_MS), PROBE_TARGET),
    },
}
"""Quantity -> where a target lies, and how it is drawn."""


def draw(findings: Sequence[Finding], stem: Path) -> list[Path]:
    """Draw `stem`.png and `stem`.svg. Raises OSError."""
    backends = list(dict.fromkeys(finding.backend for finding in findings))
    by_quantity = {name: [f for f in findings if f.quantity == name] for name in LABELS}
    shown = {name: found for name, found in by_quantity.items() if found}
    rows = [len(_links(found)) for found in shown.values()]
    with style.applied():
        figure = style.figure(sum(rows) * ROW_IN + len(rows) * FRAME_IN + LEGEND_IN)
        heights = [count * ROW_IN + 0.1 for count in rows]
        panels = figure.subplots(len(shown), 1, height_ratios=heights, squeeze=False)[:, 0]
        for panel, (quantity, found) in zip(panels, shown.items(), strict=True):
            _panel(panel, found, quantity, backends)
        handles = _handles(backends)
        figure.legend(handles=handles, ncols=3, **style.LEGEND)
        return style.write(figure, stem)


def _handles(backends: Sequence[str]) -> list[Line2D]:
    """The backends, and what tells our own instrument from the others."""
    named = [
        Line2D([], [], marker=MARKERS[index], color=style.LINES[index][0], label=backend)
        for index, backend in enumerate(backends)
    ]
    hollow = Line2D(
        [], [], marker="o", color=style.MUTED, markerfacecolor="white", label="hollow: by our probe"
    )
    targets = [
        Line2D([], [], **TARGET, label="target"),
        Line2D([], [], **PROBE_TARGET, label="the probe's target"),
    ]
    for handle in (*named, hollow):
        handle.set(linestyle="", markersize=MARKER_PT)
    return [*named, targets[0], hollow, targets[1]]


def _links(findings: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.link for finding in findings))


def _panel(axes: Axes, findings: Sequence[Finding], quantity: str, backends: list[str]) -> None:
    links = _links(findings)
    lanes = len(backends) * 2
    for finding in findings:
        index = backends.index(finding.backend)
        lane = index * 2.0 + (finding.direction == "down")  # up above down, backend by backend
        lane += 0.4 if finding.instrument == PROBE else 0.0
        y = links.index(finding.link) + (lane - (lanes - 1) / 2) * 0.7 / lanes
        _mark(axes, finding, y, index)
    axes.set_yticks(range(len(links)), [link.replace(" lost", "") for link in links])
    axes.set_ylim(len(links) - 0.5, -0.5)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_xlabel(LABELS[quantity])
    for limit, drawn in LIMITS.get(quantity, {}).items():
        axes.axvline(limit, **drawn, zorder=1)
    if quantity == "loss":
        _configured_losses(axes, findings, links)
    sns.despine(ax=axes)


def _mark(axes: Axes, finding: Finding, y: float, index: int) -> None:
    colour = style.LINES[index][0]
    if finding.low is not None and finding.high is not None:
        axes.plot([finding.low * 100, finding.high * 100], [y, y], color=colour, linewidth=0.9)
    axes.plot(
        _value(finding),
        y,
        MARKERS[index],
        color=colour,
        markersize=MARKER_PT,
        markerfacecolor="white" if finding.instrument == PROBE else colour,
        markeredgewidth=0.8,
    )


def _value(finding: Finding) -> float:
    if finding.quantity == "goodput":
        return finding.achieved / (finding.configured or 1)
    if finding.quantity == "rtt":
        return finding.error or 0.0
    return finding.achieved * 100


def _configured_losses(axes: Axes, findings: Sequence[Finding], links: list[str]) -> None:
    """Each link's own target, across its row."""
    for finding in findings:
        row, at = links.index(finding.link), (finding.configured or 0.0) * 100
        axes.plot(
            [at, at],
            [row - 0.45, row + 0.45],
            **TARGET,
            zorder=1,
        )
