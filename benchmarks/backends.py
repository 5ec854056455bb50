"""Whether the three backends carry alike: one scenario's requests over each, and both ways' times.

`python -m benchmarks.backends [--backend NAME]... [--out FILE]`. Over the link of
`scenarios/lte.yaml` requests of three sizes by a network that computes nothing, 300 of each. Beside
the means of the backends stand those of the law, from virtual time, and the least that a link can
take: its delay, and its rate for the bytes. Where this kernel has no netem it runs in a guest under
QEMU, on an emulated processor, of which only the link means anything. Target: each mean of a
backend within 3 % of the law's, or its interval holds it.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.json_file import write_json
from benchmarks.real_run import really_run
from emulation.link import load_backend
from emulation.spec import LaneSpec
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.results.estimates import mean_interval
from testbed.runs.environment import environment
from testbed.virtual import simulate
from testbed.virtual.content import Contents
from testbed.virtual.repertoire import Repertoire, Stages

SCENARIO = Path(__file__).parents[1] / "scenarios" / "lte.yaml"
DEPLOYMENTS = (
    "{remote: {codec: jpeg, quality: 90}}",
    "{remote: {codec: raw}}",
    "{split: {codec: fp32}}",
)
ASKED = (
    "model.backbone=null",
    "model.feature_bytes=54000",
    "workload.dataset=blank",
    "workload.camera_px=64",
    f"deployments=[{', '.join(DEPLOYMENTS)}]",
    "workload.requests=30",
    "workload.deadline=5s",
    "repeats=10",
    "edge.device=host",
    "server.device=host",
    "edge.radio=null",
)
"""Three sizes: a small image, coded and as it is, and features that take several flights."""
BACKENDS = ("netem", "tun", "simpy")
WAYS = {"up": "uplink_s", "down": "downlink_s"}
CHANCES = 20
"""Draws in virtual time, so that what is left of chance is the backends'."""
LAW = "law"
TARGET = 0.03
HERE, GUEST = "this kernel", "a guest under QEMU"
ROW = "row: "
"""Begins a line that a guest prints for us: what it writes to files does not come back."""


def main() -> int:
    """Run, print the table, and say whether the target holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="only these")
    parser.add_argument("--out", type=Path, help="keep the table as JSON")
    parser.add_argument("--rows", action="store_true", help="print what one backend gives, as JSON")
    arguments = parser.parse_args()
    names = arguments.backend or list(BACKENDS)
    if arguments.rows:
        for row in measured(names[0]):
            print(f"{ROW}{json.dumps(row)}", flush=True)
        return 0
    rows = [*of_law(), *(row for name in names for row in rows_of(name))]
    for line in table_of(rows):
        print(line)
    if arguments.out:
        facts = environment("tun", "backends measured one after the other")
        write_json(arguments.out, {"target": TARGET, "rows": rows, "environment": facts})
    return 0


def rows_of(name: str) -> list[dict[str, Any]]:
    """What a backend gives, here or in a guest."""
    if load_backend(name).missing() is None or name != "netem":
        return measured(name)
    argv = ("-m", "tests.qemu", sys.executable, "-m", "benchmarks.backends", "--backend", name)
    lines = []
    with subprocess.Popen(
        (sys.executable, *argv, "--rows"), stdout=subprocess.PIPE, text=True
    ) as guest:
        assert guest.stdout is not None
        for line in guest.stdout:
            if line.startswith(ROW):
                lines.append(line)
            else:
                print(line, end="", file=sys.stderr, flush=True)
    if guest.returncode:
        raise SystemExit(f"{name}: its guest ended with {guest.returncode}")
    return [json.loads(line.removeprefix(ROW)) | {"where": GUEST} for line in lines]


def measured(name: str) -> list[dict[str, Any]]:
    """A row a deployment and way of a real run."""
    scenario = load_scenario(SCENARIO, [*ASKED])
    return list(_rows(name, scenario, really_run(scenario, name).requests))


def of_law() -> list[dict[str, Any]]:
    """The same of virtual time, where nothing takes time but the link."""
    scenario = load_scenario(SCENARIO, [*ASKED])
    repertoire = _at_once(scenario)
    draws = []
    for chance in range(CHANCES):
        requests = simulate(scenario, repertoire, chance).requests
        requests["repeat"] += chance * scenario.repeats
        draws.append(requests)
    return list(_rows(LAW, scenario, pd.concat(draws)))


def _at_once(scenario: Scenario) -> Repertoire:
    """What the scenario's deployments put on the link, by halves that take no time."""
    content = Contents().of(scenario)
    nothing = (0.0,) * len(content.samples)
    return content.replayed(lambda _: Stages(**dict.fromkeys(Stages.model_fields, nothing)))


def _rows(name: str, scenario: Scenario, requests: pd.DataFrame) -> Iterator[dict[str, Any]]:
    spec = scenario.link.to_spec()
    lanes = {"up": spec.uplink, "down": spec.downlink}
    for deployment, of_one in requests.groupby("deployment", sort=False):
        for way, column in WAYS.items():
            known = of_one[of_one[column].notna()]
            by_repeat = known.groupby("repeat")[column]
            low_s, high_s = mean_interval(by_repeat.mean().tolist(), by_repeat.size().tolist())
            payload_bytes = float(of_one[f"payload_{way}_bytes"].median())
            yield {
                "backend": name,
                "where": HERE,
                "deployment": deployment,
                "way": way,
                "requests": len(known),
                "payload_bytes": payload_bytes,
                "least_s": least_s(lanes[way], payload_bytes),
                "p50_s": float(known[column].median()),
                "mean_s": float(known[column].mean()),
                "low_s": low_s,
                "high_s": high_s,
                "shortest_s": float(np.min(known[column])),
            }


def least_s(lane: LaneSpec, size_bytes: float) -> float:
    """What a lane takes for so many bytes at least, but for its jitter."""
    serialising_s = 0.0 if lane.rate_bps is None else size_bytes * 8 / lane.rate_bps
    return lane.delay_s + serialising_s


def table_of(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line a row, each beside the law's."""
    law = {_key(row): row for row in rows if row["backend"] == LAW}
    for row in rows:
        line = (
            f"{row['backend']:6} {row['deployment']:24} {row['way']:5} {row['requests']:5} "
            f"least {row['least_s'] * 1e3:6.1f} ms, p50 {row['p50_s'] * 1e3:6.1f}, "
            f"mean {row['mean_s'] * 1e3:6.1f} "
            f"({row['low_s'] * 1e3:.1f} to {row['high_s'] * 1e3:.1f})"
        )
        with suppress(KeyError):
            line += "" if holds(row, law[_key(row)]) else ", MISSED"
        yield line


def holds(row: dict[str, Any], law: dict[str, Any]) -> bool:
    """Whether a backend's mean is the law's, as well as its requests can tell."""
    within = abs(row["mean_s"] / law["mean_s"] - 1) <= TARGET
    return bool(within or row["low_s"] <= law["mean_s"] <= row["high_s"])


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["deployment"], row["way"]


if __name__ == "__main__":
    sys.exit(main())
