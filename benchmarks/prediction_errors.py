"""How far each rival is off, by the same metric on the same cells; no cell is left out."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.prediction_links import DrawnLink
from benchmarks.prediction_rivals import (
    AGAIN,
    CHANCES,
    CLOSED_FORM,
    MODEL,
    RIVALS,
    STATISTICS,
    by_deployment,
    closed_form,
    modelled,
)
from testbed.results.estimates import mean_interval
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.virtual.repertoire import ROWS

TARGETS = {
    ("p50", "median"): 0.01,
    ("p50", "p95"): 0.08,
    ("mean", "median"): 0.02,
    ("mean", "p95"): 0.12,
}
"""Of the model's absolute error over all cells."""
REGIONS = (
    "deployment", "band", "asymmetry", "round_trip", "jitter", "loss", "queue", "varies",
    "congestion_control", "arrival", "edge", "backbone",
)  # fmt: skip
RATE_BANDS, RTT_BANDS = (0, 2, 10, 1000), (0, 10, 50, 1000)
RESAMPLES = 2000


def compare(
    links: Sequence[DrawnLink],
    measured: pd.DataFrame,
    say: Callable[[str], None],
    chances: int = CHANCES,
    rows: int = ROWS,
) -> pd.DataFrame:
    """A row for each cell, a deployment on a link: its axes, what each rival says, and the errors.

    measured: as `measure_links` returns it. chances, rows: how much a prediction is made of. The
    error of each rival is relative, with its sign; 0 where both say that half of all requests are
    lost, infinite where only one does. beyond_runs: how far what was measured lies beyond the least
    and the most of the model's runs, each as large as the measured one: what chance on the link
    does not explain.
    """
    table = []
    for place, link in enumerate(links, 1):
        say(f"predicting {place}/{len(links)} {link.name}")
        found = measured[measured["link"] == link.name]
        first = found[found["time"] == 0]
        scenario = link.scenario(int(first["index"].max()) + 1, int(first["repeat"].max()) + 1)
        repertoire = repertoire_of(scenario, Contents(rows))
        model, runs = modelled(scenario, repertoire, chances)
        says = {MODEL: model, CLOSED_FORM: closed_form(scenario, repertoire)}
        says[AGAIN] = by_deployment(found[found["time"] == 1])
        for deployment, truth in by_deployment(first).items():
            cell = first[first["deployment"] == deployment]
            row = link.axes() | {"deployment": deployment} | _interval(cell)
            for name in STATISTICS:
                row[f"measured_{name}_ms"] = truth[name] * 1e3
                least, most = (end(run[name] for run in runs[deployment]) for end in (min, max))
                row[f"beyond_runs {name}"] = _error(np.clip(truth[name], least, most), truth[name])
                for who in RIVALS:
                    row[f"{who} {name}_ms"] = says[who][deployment][name] * 1e3
                    row[f"{who} {name}"] = _error(says[who][deployment][name], truth[name])
            table.append(row)
    cells = pd.DataFrame(table)
    cells["band"] = (
        pd.cut(cells["rate_mbps"], RATE_BANDS).astype(str).where(cells["trace"] == "", "trace")
    )
    cells["round_trip"] = pd.cut(cells["rtt_ms"], RTT_BANDS).astype(str)
    return cells


def _interval(cell: pd.DataFrame) -> dict[str, float]:
    """Of the measured mean, over its connections."""
    repeats = cell.dropna(subset=["latency_s"]).groupby("repeat")["latency_s"]
    low_s, high_s = mean_interval(repeats.mean().tolist(), repeats.size().tolist())
    ends = {"low": low_s, "high": high_s}
    return {f"measured_mean_{end}_ms": np.nan if s is None else s * 1e3 for end, s in ends.items()}


def _error(said: float, truth: float) -> float:
    known = np.isfinite([said, truth])
    if not known.any():
        return 0.0
    return said / truth - 1 if known.all() else np.inf


def error_table(cells: pd.DataFrame) -> pd.DataFrame:
    """For all cells and for each region a row a rival: median and 95th percentile of the error."""
    parts = [("all", "", cells)]
    for region in REGIONS:
        parts += [(region, str(value), part) for value, part in cells.groupby(region)]
    return pd.DataFrame(
        [
            {"region": region, "is": value, "rival": who, "cells": len(part)} | sizes(part, who)
            for region, value, part in parts
            for who in RIVALS
        ]
    )


def sizes(cells: pd.DataFrame, who: str) -> dict[str, Any]:
    """Absolute errors of one rival, and how often it lies in the measured mean's interval."""
    found: dict[str, Any] = {}
    for name in STATISTICS:
        middle, far = size_of(cells[f"{who} {name}"])
        found |= {f"{name}_median": middle, f"{name}_p95": far}
    inside = cells[f"{who} mean_ms"].between(
        cells["measured_mean_low_ms"], cells["measured_mean_high_ms"]
    )
    return found | {"inside": float(inside.mean())}


def size_of(errors: "pd.Series[Any]") -> tuple[float, float]:
    """Median and 95th percentile of errors with their sign, as absolute ones."""
    sizes = errors.abs().to_numpy(float)
    return float(np.median(sizes)), tail(sizes)


def tail(errors: NDArray[np.float64]) -> float:
    """The 95th percentile, by nearest rank."""
    return float(np.sort(errors)[ceil(0.95 * len(errors)) - 1])


def interval_of(cells: pd.DataFrame, who: str, of: tuple[str, str]) -> tuple[float, float]:
    """95 % interval of a size in TARGETS. Cells of one link share its weather and its errors, so
    whole links are drawn again and again (a cluster bootstrap), never single cells.
    """
    name, size = of
    by_link = [part[f"{who} {name}"].abs().to_numpy(float) for _, part in cells.groupby("link")]
    random = np.random.default_rng(0)
    measure = np.median if size == "median" else tail
    found = [
        float(measure(np.concatenate([by_link[place] for place in places])))
        for places in random.integers(len(by_link), size=(RESAMPLES, len(by_link)))
    ]
    low, high = np.quantile(found, (0.025, 0.975), method="nearest")
    return float(low), float(high)


def misses(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells in which the model's p50 or mean is off by more than its larger target, worst first."""
    off = [cells[f"{MODEL} {name}"].abs() / TARGETS[name, "p95"] for name in STATISTICS]
    worst = pd.concat(off, axis=1).max(axis=1)
    return cells.assign(worst=worst)[worst > 1].sort_values("worst", ascending=False)
