"""How latency spreads: the share of all requests answered within a time.

Of one run a curve a deployment; of several a panel a deployment, in it a curve a run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import style
from testbed.figures.axis import CannotDraw
from testbed.figures.sweep_points import source_in_words
from testbed.results.wording import milliseconds

HEIGHT_IN = 1.95
PANEL_IN = 1.5
FRAME_IN = 0.75  # around the panels of several runs
TIME = "time from due to answered (ms)"

Latencies = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NamedRun:
    """A run under the name it has in the figure; summary and requests as in its folder."""

    name: str
    summary: Mapping[str, Any]
    requests: pd.DataFrame


def draw(summary: dict[str, Any], requests: pd.DataFrame) -> Figure:
    """Curves over all requests: what is lost keeps a curve below 1. Log axis only if needed."""
    names = [deployment["name"] for deployment in summary["deployments"]]
    latencies = {name: _latencies_ms(requests, name) for name in names}
    drawn = style.figure(HEIGHT_IN + style.legend_in(names))
    axes = drawn.add_subplot()
    _panel(axes, latencies, np.concatenate(list(latencies.values())), summary["deadline_ms"])
    axes.set(xlabel=TIME, ylabel="share of all requests")
    _legend(drawn, axes, style.LEGEND_COLUMNS)
    style.small_print(drawn, style.caption_lines(summary))
    return drawn


def draw_runs(runs: Sequence[NamedRun]) -> Figure:
    """A panel for each deployment that all runs have.

    Raises CannotDraw when the runs are of several backends, clocks or deadlines, or have no
    deployment in common.
    """
    source = _source(runs)
    shared = _shared(runs)
    latencies = {n: {run.name: _latencies_ms(run.requests, n) for run in runs} for n in shared}
    of_all = np.concatenate([values for of in latencies.values() for values in of.values()])
    drawn = style.figure(FRAME_IN + style.legend_in(runs, 1) + PANEL_IN * len(shared))
    panels = drawn.subplots(len(shared), 1, squeeze=False)[:, 0]
    for axes, (name, of_runs) in zip(panels, latencies.items(), strict=True):
        _panel(axes, of_runs, of_all, runs[0].summary["deadline_ms"])
        axes.set_ylabel(f"{name}\nshare of requests")
        axes.tick_params(labelbottom=axes is panels[-1])
    panels[-1].set_xlabel(TIME)
    _legend(drawn, panels[0], 1)
    style.small_print(drawn, [source])
    return drawn


def curve(latencies_ms: Latencies, end_ms: float) -> tuple[Latencies, Latencies]:
    """Corners of the steps from 0 to the share answered; NaN (at the end) is a lost request."""
    answered = latencies_ms[~np.isnan(latencies_ms)]
    shares = np.arange(answered.size + 1) / max(1, latencies_ms.size)
    return np.r_[0.0, answered, end_ms], np.r_[shares, shares[-1]]


def _latencies_ms(requests: pd.DataFrame, deployment: str) -> Latencies:
    """Ascending; NaN, at the end, is a lost request."""
    own = requests.loc[requests["deployment"] == deployment, "latency_s"]
    return np.sort(own.to_numpy(float)) * 1e3


def _panel(
    axes: Axes, latencies: Mapping[str, Latencies], all_ms: Latencies, deadline_ms: float
) -> None:
    """A curve each, looks by their place, the deadline, and limits that hold `all_ms`."""
    known = all_ms[all_ms > 0]  # drops the lost too: NaN is above nothing
    fastest, slowest = (known.min(), known.max()) if known.size else (deadline_ms / 2, deadline_ms)
    reaches = deadline_ms <= style.DEADLINE_REACH * slowest
    end = max(slowest, deadline_ms if reaches else 0.0)
    if slowest / fastest >= style.LOG_FROM:
        axes.set_xscale("log")
        axes.set_xlim(fastest / 1.2, end * 1.2)
        style.log_ticks(axes.xaxis)
    else:
        axes.set_xlim(0, end * 1.05)
    axes.set_ylim(-0.03, 1.03)  # a curve that stays at 0 must not hide in the axis
    axes.grid()
    style.deadline(axes, deadline_ms if reaches else None, deadline_ms)
    for name, look in style.looks(latencies).items():
        steps = curve(latencies[name], axes.get_xlim()[1])
        axes.plot(*steps, drawstyle="steps-post", label=name, **style.line(look))


def _legend(drawn: Figure, axes: Axes, columns: int) -> None:
    keys = axes.get_legend_handles_labels()
    drawn.legend(*keys, ncols=columns, handlelength=style.HANDLE, **style.LEGEND)


def _source(runs: Sequence[NamedRun]) -> str:
    """Backend and clock in words, and how many requests. Raises CannotDraw if they differ."""
    found = sorted({(run.summary["backend"], run.summary["clock"]) for run in runs})
    if len(found) > 1:
        raise CannotDraw(f"found {source_in_words(found)}, needed: one backend and clock")
    deadlines = sorted({run.summary["deadline_ms"] for run in runs})
    if len(deadlines) > 1:
        words = " and ".join(milliseconds(value) for value in deadlines)
        raise CannotDraw(f"found deadlines of {words}, needed: the same for all runs")
    requests = sum(len(run.requests) for run in runs)
    return f"{source_in_words(found)}; {len(runs)} runs, {requests} requests"


def _shared(runs: Sequence[NamedRun]) -> list[str]:
    """Deployments of the first run that all others have, in its order."""
    of_each = [[d["name"] for d in run.summary["deployments"]] for run in runs]
    shared = [name for name in of_each[0] if all(name in names for names in of_each)]
    if not shared:
        raise CannotDraw("found no deployment that all runs have, needed: one")
    return shared
