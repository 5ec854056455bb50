"""How often the 95 % intervals of a run hold the truth: every shipped scenario, many seeds.

`python -m benchmarks.coverage [--seeds N] [--workers N] [--out FILE]`. In virtual time a scenario
is run under N seeds, with its own images. The truth of a deployment is its mean over
all of these runs, and that of a difference the difference of two such means; the table has the
share of runs whose interval holds it. Target: 93 to 97 %.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.json_file import write_json
from testbed.config.scenario_file import load_scenario
from testbed.points.pool import each
from testbed.runs.environment import environment
from testbed.virtual import run_virtual
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.virtual.repertoire import Repertoire

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SEEDS = 1000
TARGET = (0.93, 0.97)


def main() -> int:
    """Run, print a row a quantity, and say whether the target holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="also write the table as JSON")
    arguments = parser.parse_args()
    files = sorted(SCENARIOS.glob("*.yaml"))
    tasks = [(file, seed) for file in files for seed in range(1, arguments.seeds + 1)]
    done = each(estimates_of, tasks, arguments.workers)
    table = pd.DataFrame([row for rows in done for row in rows])
    rows = covered(table.sort_values(["scenario", "seed"], kind="stable"))
    for row in rows:
        verdict = "" if row["holds"] else "MISSED"
        print(f"{row['scenario']:16} {row['of']:54} {row['covered']:6.1%} {verdict}")
    if arguments.out:
        report = {"seeds": arguments.seeds, "target": TARGET, "rows": rows}
        write_json(arguments.out, report | {"environment": environment("simpy", "virtual time")})
    return 0


def estimates_of(task: tuple[Path, int]) -> list[dict[str, Any]]:
    """What the summary of a scenario's run under a seed says: each mean and each difference.

    weight: over how many requests a mean is; the truth is one over all requests of all runs.
    """
    file, seed = task
    _, summary = run_virtual(load_scenario(file, [f"seed={seed}"]), _repertoire(file))
    run = {"scenario": file.stem, "seed": seed}
    found = []
    for one in summary["deployments"]:
        low, high = one["latency_ms"]["ci95"]
        answered = one["answered"] + one["late"]
        of = {"of": one["name"], "weight": answered, "mean_ms": one["latency_ms"]["mean"]}
        found.append(run | of | {"low_ms": low, "high_ms": high})
    names = [one["name"] for one in summary["deployments"]]
    for one in summary["ranking"]["differences"]:
        low, high = one["ci95_ms"]
        pair = sorted((one["faster"], one["slower"]), key=names.index)
        of = {"of": " - ".join(pair), "weight": 1, "mean_ms": one["mean_ms"]}
        ends = {"low_ms": low, "high_ms": high}
        if pair[0] == one["faster"]:
            of["mean_ms"], ends = -one["mean_ms"], {"low_ms": -high, "high_ms": -low}
        found.append(run | of | ends)
    return found


@cache
def _repertoire(file: Path) -> Repertoire:
    """What a scenario's devices take for its own images, whatever the seed of a run."""
    return repertoire_of(load_scenario(file), Contents())


def covered(table: pd.DataFrame) -> Sequence[dict[str, Any]]:
    """For each quantity of each scenario the share of the runs whose interval holds its truth."""
    rows = []
    for (scenario, of), runs in table.groupby(["scenario", "of"], sort=False):
        truth_ms = (runs["mean_ms"] * runs["weight"]).sum() / runs["weight"].sum()
        share = float(runs["low_ms"].le(truth_ms).mul(runs["high_ms"].ge(truth_ms)).mean())
        holds = TARGET[0] <= share <= TARGET[1]
        rows.append({"scenario": scenario, "of": of, "covered": share, "holds": holds})
    return rows


if __name__ == "__main__":
    sys.exit(main())
