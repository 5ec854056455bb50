"""The columns of `sweep.parquet`: one row for each point and deployment, units in the names.

A point's repeats are already aggregated, as in `summary.py`, whose numbers these are. Each key
that the sweep varies is a column under its dotted name (`link.uplink.rate`), in SI units; a value
that is no number is text. The configured link is there in any case, so that points of two sweeps,
or of two clocks, can be put beside each other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.results.derived import STAGES

PERCENTILES = ("p50", "p90", "p95", "p99")
_TEXT = ("point", "scenario", "deployment", "kind", "codec", "backend", "clock", "failed")
_COUNTS = ("index", "requests", "in_time", "late", "lost")
_LATENCY = (
    "mean_ms",
    "mean_low_ms",
    "mean_high_ms",
    *(f"{name}{end}_ms" for name in PERCENTILES for end in ("", "_low", "_high")),
)
_STAGES = tuple(f"stage_{stage}_ms" for stage in STAGES)
_BYTES = ("payload_up_bytes", "payload_down_bytes", "wire_up_bytes", "wire_down_bytes")
_LINK = (
    "uplink_rate_bps",
    "downlink_rate_bps",
    "rtt_ms",
    "uplink_loss",
    "downlink_loss",
)
ACCURACY = "accuracy_"
"""Begins the column of each task: share of all requests answered correctly."""

COLUMNS = {
    "point": "content hash of the point; points/POINT.json has its provenance",
    "index": "of the point in the sweep, from 0",
    "scenario": "name of the base scenario",
    "deployment": "as in a run: local, remote-jpeg-q90, split-fp16",
    "kind": "local, remote or split",
    "codec": "what crosses the link; missing for local",
    "backend": "of the link: simpy, tun or netem",
    "clock": "wall or virtual",
    "failed": "why there are no numbers; missing where there are",
    "requests": "due over all repeats; in_time + late + lost",
    "in_time": "answered before the deadline",
    "late": "answered after the deadline",
    "lost": "not answered",
    "deadline_ms": "after which an answer is late",
    "mean_ms": "latency of answered requests; mean_low_ms and mean_high_ms: its 95 % interval",
    "p50_ms": "of all requests, a lost one infinitely slow (then missing); p50_low_ms and "
    "p50_high_ms: its 95 % interval; so too p90, p95 and p99",
    "stage_head_ms": "mean over answered requests; the stages sum to mean_ms",
    "payload_up_bytes": "mean a request; wire_*: IP bytes; missing when unknown",
    "uplink_rate_bps": "as configured; missing is unlimited. rtt_ms: without queueing",
    "congestion_control": "as configured",
    "accuracy_TASK": "share of all requests answered correctly; missing for untrained weights",
}
"""What the columns mean; travels in the file's metadata."""


def rows_of(summary: Mapping[str, Any], point: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each deployment of a point that was done.

    summary: from `summary.summarise`. point: what else goes into each row: "point", "index",
    backend, clock, and each varied key with its value.
    """
    common = {
        **point,
        "scenario": summary["scenario"],
        "failed": None,
        "deadline_ms": summary["deadline_ms"],
        "congestion_control": summary["link"]["configured"]["congestion_control"],
        **{name: summary["link"]["configured"][name] for name in _LINK},
    }
    return [common | _numbers(deployment) for deployment in summary["deployments"]]


def rows_of_failed(
    reason: str, scenario: Scenario, point: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The same rows for a point that failed: who they are about, and why there are no numbers."""
    return [
        {
            **point,
            "scenario": scenario.name,
            "deployment": name,
            "kind": kind,
            "codec": codec,
            "failed": reason,
        }
        for name, kind, codec in map(identity_of, scenario.deployments)
    ]


def table_of_rows(rows: Sequence[Mapping[str, Any]], axis_keys: Sequence[str]) -> pd.DataFrame:
    """The rows as a table with every column in its place and of its type."""
    tasks = sorted({name for row in rows for name in row if name.startswith(ACCURACY)})
    numbers = (*_LINK, "deadline_ms", *_LATENCY, *_STAGES, *_BYTES, *tasks)
    own = [key for key in axis_keys if key not in COLUMNS]
    order = [
        *("point", "index", *own, "scenario", "deployment", "kind", "codec", "backend", "clock"),
        *("failed", "congestion_control"),
        *(name for name in (*_COUNTS[1:], *numbers) if name not in own),
    ]
    table = pd.DataFrame([dict(row) for row in rows], columns=order)
    types = {
        **dict.fromkeys((*_TEXT, "congestion_control"), "string"),
        **dict.fromkeys(_COUNTS, "Int64"),
        **dict.fromkeys(numbers, "float64"),
        **{key: _axis_type(table[key]) for key in own},
    }
    return table.astype(types)


def _axis_type(values: "pd.Series[Any]") -> str:
    """A number's where every value is one or missing."""
    known = values.dropna()
    plain = all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)
    return "float64" if plain and len(known) else "string"


def _numbers(deployment: Mapping[str, Any]) -> dict[str, Any]:
    latency = deployment["latency_ms"]
    low, high = latency["ci95"]
    row = {
        "deployment": deployment["name"],
        "kind": deployment["kind"],
        "codec": deployment["codec"],
        "requests": deployment["requests"],
        "in_time": deployment["answered"],
        "late": deployment["late"],
        "lost": deployment["lost"],
        "mean_ms": latency["mean"],
        "mean_low_ms": low,
        "mean_high_ms": high,
    }
    for name in PERCENTILES:
        row[f"{name}_ms"] = latency[name]
        row[f"{name}_low_ms"], row[f"{name}_high_ms"] = latency["percentiles_ci95"][name]
    row |= {f"stage_{stage}_ms": deployment["stages_ms"][stage] for stage in STAGES}
    row |= {
        f"{what}_{way}_bytes": deployment[f"{what}_bytes"][way]
        for what in ("payload", "wire")
        for way in ("up", "down")
    }
    return row | {ACCURACY + task: share for task, share in deployment["accuracy"].items()}
