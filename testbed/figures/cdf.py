"""How latency spreads: the share of all requests answered within a time, one curve a deployment."""

from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from testbed.figures import style

LOG_FROM = 8.0  # slowest over fastest from which a linear axis would flatten the fast ones
DEADLINE_REACH = 2.0  # a deadline beyond so many slowest requests would squeeze the curves
HEIGHT_IN = 1.95
LEGEND_COLUMNS = 2


def draw(summary: dict[str, Any], requests: pd.DataFrame) -> Figure:
    """Curves over all requests: what is lost keeps a curve below 1. Log axis only if needed."""
    names = [deployment["name"] for deployment in summary["deployments"]]
    latencies = {
        name: np.sort(requests.loc[requests["deployment"] == name, "latency_s"]) * 1e3
        for name in names
    }
    drawn = style.figure(HEIGHT_IN + style.LEGEND_ROW_IN * ceil(len(names) / LEGEND_COLUMNS))
    axes = drawn.add_subplot()
    frame(axes, np.concatenate(list(latencies.values())), summary["deadline_ms"])
    curves(axes, latencies)
    axes.set_xlabel("time from due to answered (ms)")
    axes.set_ylabel("share of all requests")
    drawn.legend(
        *axes.get_legend_handles_labels(), ncols=LEGEND_COLUMNS, handlelength=2.8, **style.LEGEND
    )
    style.caption(drawn, summary)
    return drawn


def curve(latencies_ms: npt.NDArray[np.float64], end_ms: float) -> pd.DataFrame:
    """Corners of the steps from 0 to the share answered; NaN (at the end) is a lost request."""
    answered = latencies_ms[~np.isnan(latencies_ms)]
    shares = np.arange(1, answered.size + 1) / max(1, latencies_ms.size)
    last = shares[-1] if answered.size else 0.0
    return pd.DataFrame(
        {"ms": np.r_[0.0, answered, end_ms], "share": np.r_[0.0, shares, last]},
    )


def curves(axes: Axes, latencies: dict[str, npt.NDArray[np.float64]]) -> None:
    """A curve each, looks by their place; the axes come from `frame`."""
    end_ms = axes.get_xlim()[1]
    looks = {name: style.LINES[i % len(style.LINES)] for i, name in enumerate(latencies)}
    sns.lineplot(
        pd.concat(
            [curve(values, end_ms).assign(deployment=name) for name, values in latencies.items()],
            ignore_index=True,
        ),
        x="ms",
        y="share",
        hue="deployment",
        style="deployment",
        palette={name: colour for name, (colour, _) in looks.items()},
        dashes={name: dashes for name, (_, dashes) in looks.items()},
        drawstyle="steps-post",
        estimator=None,
        sort=False,
        linewidth=1.2,
        ax=axes,
    )
    if (inside := axes.get_legend()) is not None:  # there is one above the axes
        inside.remove()


def frame(axes: Axes, all_ms: npt.NDArray[np.float64], deadline_ms: float) -> None:
    """Limits and ticks for these latencies, and the deadline; labels are up to the caller."""
    known = all_ms[all_ms > 0]  # drops the lost too: NaN is above nothing
    fastest, slowest = (known.min(), known.max()) if known.size else (deadline_ms / 2, deadline_ms)
    reaches = deadline_ms <= DEADLINE_REACH * slowest
    end = max(slowest, deadline_ms if reaches else 0.0)
    if slowest / fastest >= LOG_FROM:
        axes.set_xscale("log")
        axes.set_xlim(fastest / 1.2, end * 1.2)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.set_xlim(0, end * 1.05)
    axes.set_ylim(-0.03, 1.03)  # a curve that stays at 0 must not hide in the axis
    axes.grid()
    style.deadline(axes, deadline_ms if reaches else None, deadline_ms)
