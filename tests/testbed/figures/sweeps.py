"""Sweeps made up from a simple law of latency, in the form in which real ones are stored."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from testbed.figures.axis import Sweep
from testbed.results.derived import STAGES
from testbed.sweep.columns import table_of_rows
from testbed.sweep.folder import write_plan, write_rows

RATES = tuple(float(f"{bps:.4g}") for bps in np.geomspace(1e6, 100e6, 15))
REQUESTS = 100


@dataclass(frozen=True)
class Law:
    """A deployment's latency: compute, a round trip and bytes over the rate; with its scatter."""

    compute_ms: float
    up_bytes: int = 0

    def mean_ms(self, rate_bps: float, rtt_ms: float, loss: float) -> float:
        if not self.up_bytes:
            return self.compute_ms
        rounds = 1 + loss * self.up_bytes / 1448
        return self.compute_ms + rounds * rtt_ms + self.up_bytes * 8e3 / rate_bps


USUAL = {
    "local": Law(190.0),
    "remote-jpeg-q90": Law(32.0, 112_000),
    "remote-jpeg-q90-resized": Law(51.0, 7_900),
    "split-fp16": Law(122.0, 28_224),
}


def sweep(
    *axes: Mapping[str, Sequence[float | str]],
    laws: Mapping[str, Law] = USUAL,
    sources: Sequence[tuple[str, str]] = (("simpy", "virtual"),),
    failed: Container[int] = (),
    lossy_below_bps: float = 0.0,
    scatter: float = 0.03,
    name: str = "made-up",
    seed: int = 3,
) -> Sweep:
    """A sweep over `axes` (key -> values in SI units; the keys of one axis move together).

    sources: backend and clock; every point exists once for each. failed: indices of points without
    numbers. lossy_below_bps: below that rate, what crosses the link loses a third of its requests.
    scatter: half of the relative 95 % interval of each mean, four standard deviations.
    """
    chance = np.random.default_rng(seed)
    steps = [
        [dict(zip(axis, values, strict=True)) for values in zip(*axis.values(), strict=True)]
        for axis in axes
    ]
    rows: list[dict[str, Any]] = []
    for index, (parts, source) in enumerate(product(product(*steps), sources)):
        values = {key: value for part in parts for key, value in part.items()}
        point = {"point": f"{index:08x}", "index": index, **values}
        for deployment, law in laws.items():
            row = {**point, "deployment": deployment, **_source(source)}
            if index in failed:
                row["failed"] = "link refused"
            else:
                row |= _link(values)
                row |= _numbers(law, row, lossy_below_bps, scatter, chance)
            rows.append(row)
    keys = tuple(tuple(axis) for axis in axes)
    return Sweep(
        name, "", keys, table_of_rows(rows, [key for axis in keys for key in axis]), Path()
    )


def write(folder: Path, made: Sweep) -> Path:
    """Write the sweep as a finished one."""
    axes = [list(axis) for axis in made.axes]
    points = list(dict.fromkeys(made.table["point"]))
    plan = {"name": made.name, "description": made.description, "axes": axes, "points": points}
    write_plan(folder, plan, "name: made-up\n", "name: lte\n", unfinished=True)
    write_rows(folder, made.table)
    return folder


def _source(source: tuple[str, str]) -> dict[str, Any]:
    backend, clock = source
    return {"scenario": "lte", "backend": backend, "clock": clock}


def _link(values: Mapping[str, Any]) -> dict[str, Any]:
    loss = values.get("link.uplink.loss", 0.001)
    delays = (values.get(f"link.{lane}.delay", 0.025) for lane in ("uplink", "downlink"))
    return {
        "uplink_rate_bps": values.get("link.uplink.rate", 12e6),
        "downlink_rate_bps": values.get("link.downlink.rate", 40e6),
        "rtt_ms": sum(delays) * 1e3,
        "uplink_loss": loss,
        "downlink_loss": loss,
        "congestion_control": values.get("link.congestion_control", "cubic"),
    }


def _numbers(
    law: Law,
    row: Mapping[str, Any],
    lossy_below_bps: float,
    scatter: float,
    chance: np.random.Generator,
) -> dict[str, Any]:
    rate_bps = row["uplink_rate_bps"]
    mean = law.mean_ms(rate_bps, row["rtt_ms"], row["uplink_loss"])
    mean *= float(chance.lognormal(0, scatter / 4))
    if row["clock"] == "wall":
        mean *= float(chance.lognormal(0.01, 0.03))
    lost = REQUESTS // 3 if law.up_bytes and rate_bps < lossy_below_bps else 0
    spread = {"mean": 1.0, "p50": 0.98, "p90": 1.2, "p95": 1.3, "p99": 1.6}
    columns: dict[str, Any] = {
        "requests": REQUESTS,
        "in_time": REQUESTS - lost,
        "late": 0,
        "lost": lost,
        "deadline_ms": 200.0,
    }
    for statistic, factor in spread.items():
        columns[f"{statistic}_ms"] = mean * factor
        columns[f"{statistic}_low_ms"] = mean * factor / (1 + scatter)
        columns[f"{statistic}_high_ms"] = mean * factor * (1 + scatter)
    return columns | {f"stage_{stage}_ms": mean / len(STAGES) for stage in STAGES}
