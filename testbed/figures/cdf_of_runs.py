"""How latency spreads in several runs: a panel a deployment, in it one curve a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from testbed.figures import cdf, style
from testbed.figures.cannot_draw import CannotDraw
from testbed.figures.sweep_points import source_in_words
from testbed.results.wording import milliseconds

PANEL_IN = 1.5
FRAME_IN = 0.75


@dataclass(frozen=True)
class NamedRun:
    """A run under the name it has in the figure; summary and requests as in its folder."""

    name: str
    summary: Mapping[str, Any]
    requests: pd.DataFrame


def draw(runs: Sequence[NamedRun]) -> Figure:
    """A panel for each deployment that all runs have.

    Raises CannotDraw when the runs are of several backends, clocks or deadlines, or have no
    deployment in common.
    """
    source = _source(runs)
    shared = _shared(runs)
    deadline_ms = runs[0].summary["deadline_ms"]
    of_all = np.concatenate([_latencies_ms(run, name) for run in runs for name in shared])
    drawn = style.figure(FRAME_IN + style.LEGEND_ROW_IN * len(runs) + PANEL_IN * len(shared))
    panels = drawn.subplots(len(shared), 1, squeeze=False)[:, 0]
    for axes, name in zip(panels, shared, strict=True):
        cdf.frame(axes, of_all, deadline_ms)
        cdf.curves(axes, {run.name: _latencies_ms(run, name) for run in runs})
        axes.set(xlabel="", ylabel=f"{name}\nshare of requests")
        axes.tick_params(labelbottom=axes is panels[-1])
    panels[-1].set_xlabel("time from due to answered (ms)")
    keys = panels[0].get_legend_handles_labels()
    drawn.legend(*keys, ncols=1, handlelength=2.8, **style.LEGEND)
    style.small_print(drawn, [source])
    return drawn


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


def _latencies_ms(run: NamedRun, deployment: str) -> npt.NDArray[np.float64]:
    """Ascending; NaN, at the end, is a lost request."""
    own = run.requests.loc[run.requests["deployment"] == deployment, "latency_s"]
    return np.sort(own.to_numpy(float)) * 1e3
