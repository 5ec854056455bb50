"""Measured beside predicted, a row a cell, and how large the errors are in which region."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.prediction_cells import PREDICTED_RUNS, LinkCell
from testbed.results.estimates import quantile, quantile_interval
from testbed.virtual import Profile, simulate

STATISTICS = ("p50", "mean", "p95")
TARGETS = {"median": 0.05, "p95": 0.15}
"""Of the absolute error of p50, over the cells held out."""
REGIONS = ("deployment", "rate_mbps", "rtt_ms", "loss", "congestion_control", "arrival")


def compare(
    links: Sequence[LinkCell],
    measured: pd.DataFrame,
    profiles: Sequence[Profile],
    say: Callable[[str], None],
) -> pd.DataFrame:
    """A row for each cell: its axes, what was measured, what is predicted, and the errors.

    profiles: predicted is from the one measured last before a link, or the last there is.
    network_*: of uplink and downlink alone, which is what the model of the link has to answer for.
    """
    rows = []
    for number, link in enumerate(links, 1):
        say(f"{number}/{len(links)} {link.name}")
        found = measured[measured["link"] == link.name]
        requests = int(found["index"].max()) + 1
        profile = profiles[min(int(found["profile"].iloc[0]), len(profiles) - 1)]
        repeats = int(found["repeat"].max()) + 1
        runs = [link.scenario(requests, repeats, run) for run in range(PREDICTED_RUNS)]
        predicted = pd.concat([simulate(run, profile).requests for run in runs])
        for deployment, ours in predicted.groupby("deployment"):
            theirs = found[found["deployment"] == deployment]
            rows.append(link.axes() | {"deployment": deployment} | _row(theirs, ours))
    return pd.DataFrame(rows)


def _row(measured: pd.DataFrame, predicted: pd.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = {"requests": len(measured)}
    for who, table in (("measured", measured), ("predicted", predicted)):
        latency_ms = table["latency_s"].to_numpy(float) * 1e3
        row |= {f"{who}_{name}_ms": value for name, value in _statistics(latency_ms).items()}
        row[f"{who}_lost"] = float(np.isnan(latency_ms).mean())
        network_ms = (table["stage_uplink_s"] + table["stage_downlink_s"]).to_numpy(float) * 1e3
        row[f"{who}_network_p50_ms"] = _statistics(network_ms)["p50"]
    low, high = quantile_interval(_known(measured), len(measured), 0.5)
    row["measured_p50_low_ms"], row["measured_p50_high_ms"] = low, high
    for name in (*STATISTICS, "network_p50"):
        row[f"error_{name}"] = row[f"predicted_{name}_ms"] / row[f"measured_{name}_ms"] - 1
    return row | {"repeats_differ": _repeats_differ(measured)}


def _repeats_differ(measured: pd.DataFrame) -> float:
    """By how much the largest p50 of a repeat exceeds the smallest: what measuring again gives."""
    repeats = [part["latency_s"].to_numpy(float) for _, part in measured.groupby("repeat")]
    found = [_statistics(latency_s)["p50"] for latency_s in repeats]
    return max(found) / min(found) - 1


def _known(table: pd.DataFrame) -> NDArray[np.float64]:
    return table["latency_s"].dropna().to_numpy(float) * 1e3


def _statistics(values: NDArray[np.float64]) -> dict[str, float]:
    """As in a run's summary: lost requests are infinitely slow, and have no mean."""
    known = values[~np.isnan(values)]
    found = {"p50": quantile(known, len(values), 0.5), "p95": quantile(known, len(values), 0.95)}
    mean = float(known.mean()) if known.size else None
    return {name: np.nan if v is None else v for name, v in (found | {"mean": mean}).items()}


def error_table(cells: pd.DataFrame) -> pd.DataFrame:
    """Absolute errors: of all cells, tuning and held out, and of each region held out and not."""
    parts = [("all", "", cells)]
    parts += [("split", name, part) for name, out in _SPLIT.items()
              if len(part := cells[cells["held_out"] == out])]  # fmt: skip
    for region in REGIONS:
        parts += [(region, f"{value:g}" if isinstance(value, float) else str(value), part)
                  for value, part in cells.groupby(region)]  # fmt: skip
    return pd.DataFrame([{"region": a, "is": b} | _sizes(part) for a, b, part in parts])


_SPLIT = {"tuning": False, "held out": True}


def _sizes(cells: pd.DataFrame) -> dict[str, Any]:
    sizes: dict[str, Any] = {"cells": len(cells)}
    for name in (*STATISTICS, "network_p50"):
        error = cells[f"error_{name}"].abs()
        sizes[f"{name}_median"] = float(error.median())
        sizes[f"{name}_p95"] = float(np.sort(error)[ceil(0.95 * len(error)) - 1])
    inside = cells["predicted_p50_ms"].between(
        cells["measured_p50_low_ms"], cells["measured_p50_high_ms"]
    )
    differ = cells["repeats_differ"]
    return sizes | {
        "repeats_median": float(differ.median()),
        "repeats_p95": float(np.sort(differ)[ceil(0.95 * len(differ)) - 1]),
        "within_interval": float(inside.mean()),
        "bias": float(cells["error_p50"].median()),
    }


def misses(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells whose p50 is off by more than the larger target, the worst first."""
    worst = cells[cells["error_p50"].abs() > TARGETS["p95"]]
    return worst.sort_values("error_p50", key=abs, ascending=False)
