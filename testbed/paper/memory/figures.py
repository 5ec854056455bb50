"""Figures of the memory study."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from testbed.figures import style
from testbed.paper.claims import MEMORY_LARGE, MEMORY_SMALL
from testbed.paper.looks import NAMES_BELOW_BARS

LOOKS = {"stl": ("#0072b2", ""), "mtl": ("#e69f00", "////"), "sc": ("#009e73", "....")}
WORDS = {"stl": "local, a network a task", "mtl": "local, one network", "sc": "backbone only"}
PANEL_IN = 1.25
BAR = 0.26
MB, GB = 1e6, 1e9

_MARK: dict[str, Any] = {"linestyle": "none", "color": style.INK}
_COMPUTED = _MARK | {"marker": "_", "markersize": 7, "markeredgewidth": 1.4}
_MEASURED = _MARK | {"marker": "D", "markersize": 4}
_SUMMARY_TOOL: dict[str, Any] = {"color": "#cc79a7", "linewidth": 1.4}
_PUBLISHED: dict[str, Any] = {"color": style.DEADLINE, "linewidth": 0.8, "linestyle": (0, (4, 2))}


@style.applied()
def by_workload(frame: pd.DataFrame) -> Figure:
    """A panel a workload, a group of bars a backbone. frame: `memory.csv`."""
    workloads = list(dict.fromkeys(frame["workload"]))
    drawn = style.figure(0.7 + PANEL_IN * len(workloads))
    panels = drawn.subplots(len(workloads), 1, sharex=True, squeeze=False)[:, 0]
    for axes, workload in zip(panels, workloads, strict=True):
        rows = frame[frame["workload"] == workload]
        _bars(axes, rows, "measured_above_torch_bytes", MB)
        for _, places, values in _by_deployment(rows, "computed_bytes", MB):
            axes.plot(places, values, path_effects=style.HALO, **_COMPUTED)
        tasks, size = rows["tasks"].iloc[0], rows["size"].iloc[0]
        axes.set_title(f"{workload}: {tasks} tasks, input {size}", loc="left", pad=3)
        axes.set_ylabel("memory (MB)")
        axes.set_ylim(0)
        _finish(axes, rows)
    _legend(drawn, {"computed": _COMPUTED})
    return drawn


@style.applied()
def full(frame: pd.DataFrame) -> Figure:
    """What FACES takes at its camera's resolution, on a log axis. frame: `full.csv`."""
    drawn = style.figure(2.7)
    axes = drawn.add_subplot()
    _bars(axes, frame, "computed_bytes", GB)
    *_, (_, places, values) = _by_deployment(frame, "measured_above_torch_bytes", GB)
    axes.plot(places, values, markeredgecolor="white", markeredgewidth=0.5, **_MEASURED)
    *_, (_, _, summed_by_tool) = _by_deployment(frame, "torchsummary_bytes", GB)
    for place, summed in enumerate(summed_by_tool):
        axes.plot([place - 0.42, place + 0.42], [summed] * 2, **_SUMMARY_TOOL)
    for printed in (MEMORY_LARGE, MEMORY_SMALL):
        axes.axhline(printed.amount, **_PUBLISHED)
        axes.annotate(
            str(printed),
            (1, printed.amount),
            (2, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=style.DEADLINE,
            annotation_clip=False,
        )
    axes.set_yscale("log")
    axes.set_ylim(0.1, 100)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_ylabel("memory (GB)")
    _finish(axes, frame)
    more = {
        "measured, backbone only": _MEASURED,
        "torchsummary, backbone": _SUMMARY_TOOL,
        "published": _PUBLISHED,
    }
    _legend(drawn, more)
    return drawn


def _backbones(rows: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(rows["backbone"]))


def _by_deployment(
    rows: pd.DataFrame, column: str, unit: float
) -> Iterator[tuple[str, list[float], "pd.Series[float]"]]:
    """Deployment, where its bars stand, and their heights; the last one is the backbone only."""
    backbones = _backbones(rows)
    for offset, deployment in enumerate(LOOKS, start=-1):
        shown = rows[rows["deployment"] == deployment].set_index("backbone").loc[backbones]
        places = [place + offset * BAR for place in range(len(backbones))]
        yield deployment, places, shown[column].astype(float) / unit


def _bars(axes: Axes, rows: pd.DataFrame, column: str, unit: float) -> None:
    for deployment, places, values in _by_deployment(rows, column, unit):
        colour, hatch = LOOKS[deployment]
        axes.bar(places, values, BAR, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4)


def _finish(axes: Axes, rows: pd.DataFrame) -> None:
    names = [NAMES_BELOW_BARS[name] for name in _backbones(rows)]
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y")


def _legend(drawn: Figure, more: Mapping[str, dict[str, Any]]) -> None:
    keys: list[Artist] = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=WORDS[deployment])
        for deployment, (colour, hatch) in LOOKS.items()
    ]
    keys += [Line2D([], [], label=label, **look) for label, look in more.items()]
    drawn.legend(handles=keys, ncols=2, handlelength=1.6, **style.LEGEND)
