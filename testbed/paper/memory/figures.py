"""Figures of the memory study."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from testbed.figures import style
from testbed.paper.claims import MEMORY_LARGE, MEMORY_SMALL
from testbed.paper.looks import SHORT_NAMES

LOOKS = {"stl": ("#0072b2", ""), "mtl": ("#e69f00", "////"), "sc": ("#009e73", "....")}
WORDS = {"stl": "local, a network a task", "mtl": "local, one network", "sc": "backbone only"}
PANEL_IN = 1.25
BAR = 0.26
MB, GB = 1e6, 1e9


def by_workload(frame: pd.DataFrame) -> Figure:
    """A panel a workload, a group of bars a backbone. frame: `memory.csv`."""
    workloads = list(dict.fromkeys(frame["workload"]))
    drawn = style.figure(0.7 + PANEL_IN * len(workloads))
    panels = drawn.subplots(len(workloads), 1, sharex=True, squeeze=False)[:, 0]
    for axes, workload in zip(panels, workloads, strict=True):
        rows = frame[frame["workload"] == workload]
        _bars(axes, rows, "measured_above_torch_bytes", MB)
        _marks(axes, rows, "computed_bytes", MB)
        tasks, size = rows["tasks"].iloc[0], rows["size"].iloc[0]
        axes.set_title(f"{workload}: {tasks} tasks, input {size}", loc="left", pad=3)
        axes.set_ylabel("memory (MB)")
        axes.set_ylim(0)
        _finish(axes, rows)
    _legend(drawn, "computed")
    return drawn


def full(frame: pd.DataFrame) -> Figure:
    """What FACES takes at its camera's resolution, on a log axis. frame: `full.csv`."""
    drawn = style.figure(2.7)
    axes = drawn.add_subplot()
    _bars(axes, frame, "computed_bytes", GB)
    backbones = list(dict.fromkeys(frame["backbone"]))
    rows = frame[frame["deployment"] == "sc"].set_index("backbone").loc[backbones]
    axes.plot(
        [place + BAR for place in range(len(backbones))],
        rows["measured_above_torch_bytes"].astype(float) / GB,
        linestyle="none",
        marker="D",
        markersize=4,
        color=style.INK,
        markeredgecolor="white",
        markeredgewidth=0.5,
    )
    for place, summed in enumerate(rows["torchsummary_bytes"].astype(float) / GB):
        axes.plot([place - 0.42, place + 0.42], [summed] * 2, color="#cc79a7", linewidth=1.4)
    for printed in (MEMORY_LARGE, MEMORY_SMALL):
        axes.axhline(printed.amount, color=style.DEADLINE, linewidth=0.8, linestyle=(0, (4, 2)))
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
    _legend(
        drawn,
        None,
        Line2D(
            [],
            [],
            marker="D",
            markersize=4,
            linestyle="none",
            color=style.INK,
            label="measured, backbone only",
        ),
        Line2D([], [], color="#cc79a7", linewidth=1.4, label="torchsummary, backbone"),
        Line2D(
            [], [], color=style.DEADLINE, linewidth=0.8, linestyle=(0, (4, 2)), label="published"
        ),
    )
    return drawn


def _bars(axes: Axes, rows: pd.DataFrame, column: str, unit: float) -> None:
    backbones = list(dict.fromkeys(rows["backbone"]))
    for offset, (deployment, (colour, hatch)) in enumerate(LOOKS.items(), start=-1):
        shown = rows[rows["deployment"] == deployment].set_index("backbone").loc[backbones]
        axes.bar(
            [place + offset * BAR for place in range(len(backbones))],
            shown[column].astype(float) / unit,
            BAR,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.4,
        )


def _marks(axes: Axes, rows: pd.DataFrame, column: str, unit: float) -> None:
    backbones = list(dict.fromkeys(rows["backbone"]))
    for offset, deployment in enumerate(LOOKS, start=-1):
        shown = rows[rows["deployment"] == deployment].set_index("backbone").loc[backbones]
        axes.plot(
            [place + offset * BAR for place in range(len(backbones))],
            shown[column].astype(float) / unit,
            linestyle="none",
            marker="_",
            markersize=7,
            markeredgewidth=1.4,
            color=style.INK,
            path_effects=style.HALO,
        )


def _finish(axes: Axes, rows: pd.DataFrame) -> None:
    backbones = list(dict.fromkeys(rows["backbone"]))
    axes.set_xticks(range(len(backbones)), [SHORT_NAMES[name] for name in backbones])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines[["right", "top"]].set_visible(False)


def _legend(drawn: Figure, mark: str | None, *more: Line2D) -> None:
    keys: list[Patch | Line2D] = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=WORDS[deployment])
        for deployment, (colour, hatch) in LOOKS.items()
    ]
    if mark is not None:
        keys.append(
            Line2D(
                [],
                [],
                marker="_",
                markersize=7,
                markeredgewidth=1.4,
                linestyle="none",
                color=style.INK,
                label=mark,
            )
        )
    drawn.legend(handles=[*keys, *more], ncols=2, handlelength=1.6, **style.LEGEND)
