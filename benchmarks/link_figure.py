"""One column-wide figure of three panels: rates, round trips, losses, by backend."""

from collections.abc import Sequence
from pathlib import Path

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from benchmarks.link_cells import GOODPUT_SHARE, RTT_MEDIAN_MS, Finding
from testbed.figures import style

HEIGHT_IN = 5.4
MARKERS = ("o", "s", "^", "D")
PANEL_QUANTITIES = ("goodput", "rtt", "loss")


def draw(findings: Sequence[Finding], stem: Path) -> list[Path]:
    """Draw `stem`.png and `stem`.svg. Raises OSError."""
    backends = list(dict.fromkeys(finding.backend for finding in findings))
    with style.applied():
        figure = style.figure(HEIGHT_IN)
        panels = figure.subplots(3, 1, height_ratios=(1, 1.5, 1))
        for panel, quantity in zip(panels, PANEL_QUANTITIES, strict=True):
            _panel(panel, [f for f in findings if _belongs(f, quantity)], quantity, backends)
        handles = [
            Line2D(
                [], [], linestyle="", marker=MARKERS[index], color=style.LINES[index][0], label=name
            )
            for index, name in enumerate(backends)
        ]
        figure.legend(handles=handles, ncols=len(handles), **style.LEGEND)
        return style.write(figure, stem)


def _belongs(finding: Finding, quantity: str) -> bool:
    """Round trips by ping where it can be had: the probe's are the same, by another instrument."""
    if quantity == "rtt":
        return finding.quantity == "rtt"
    return finding.quantity == quantity


def _panel(axes: Axes, findings: Sequence[Finding], quantity: str, backends: list[str]) -> None:
    links = list(dict.fromkeys(finding.link for finding in findings))
    for index, backend in enumerate(backends):
        mine = [finding for finding in findings if finding.backend == backend]
        offset = (index - (len(backends) - 1) / 2) * 0.22
        for finding in mine:
            _mark(axes, finding, links.index(finding.link) + offset, index, quantity)
    axes.set_yticks(range(len(links)), links)
    axes.set_ylim(len(links) - 0.5, -0.5)
    axes.grid(axis="x")
    _label(axes, quantity)
    sns.despine(ax=axes)


def _mark(axes: Axes, finding: Finding, y: float, index: int, quantity: str) -> None:
    colour = style.LINES[index][0]
    filled = finding.instrument != "probe"
    x = _value(finding, quantity)
    if finding.low is not None and finding.high is not None:
        axes.plot([finding.low * 100, finding.high * 100], [y, y], color=colour, linewidth=0.9)
    axes.plot(
        x, y, MARKERS[index], color=colour, markersize=3.4,
        markerfacecolor=colour if filled else "white", markeredgewidth=0.8,
    )  # fmt: skip


def _value(finding: Finding, quantity: str) -> float:
    if quantity == "goodput":
        return finding.achieved / (finding.configured or 1)
    if quantity == "rtt":
        return finding.error or 0.0
    return finding.achieved * 100


def _label(axes: Axes, quantity: str) -> None:
    line = {"color": style.DEADLINE, "linewidth": 0.9, "linestyle": (0, (4, 2)), "zorder": 1}
    if quantity == "goodput":
        axes.set_xlabel("TCP goodput / ideal (target: right of the line)")
        axes.axvline(GOODPUT_SHARE, **line)
    elif quantity == "rtt":
        axes.set_xlabel("median round trip too long by (ms; target: within the lines)")
        axes.axvline(RTT_MEDIAN_MS, **line)
        axes.axvline(-RTT_MEDIAN_MS, **line)
    else:
        axes.set_xlabel("packets lost (%, with 95 % intervals)")
