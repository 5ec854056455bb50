"""How often the 95 % intervals of a run hold the truth: every shipped scenario, many seeds.

`python -m benchmarks.coverage --profile FILE [--seeds N] [--workers N] [--out FILE]`. In virtual
time with one profile a scenario is run under N seeds. The truth of a deployment is its mean over
all of these runs, and that of a difference the difference of two such means; the table has the
share of runs whose interval holds it. Target: 93 to 97 %. FILE is what `testbed profile` writes;
the tests' own (`tests/golden/profile.json`) will do, for coverage is about chance, not about speed.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.json_file import write_json
from testbed.config.scenario_file import load_scenario
from testbed.results.estimates import mean_interval
from testbed.runs.environment import environment
from testbed.virtual import simulate
from testbed.virtual.profile import load_profile

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SEEDS = 1000
TARGET = (0.93, 0.97)

Means = dict[str, list[tuple[float, int]]]
"""Deployment -> for each repeat the mean latency in s of what was answered, and how many."""


def main() -> int:
    """Run, print a row a quantity, and say whether the target holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--profile", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="also write the table as JSON")
    arguments = parser.parse_args()
    rows = []
    with ProcessPoolExecutor(arguments.workers) as pool:
        for file in sorted(SCENARIOS.glob("*.yaml")):
            one = partial(means_of, file, arguments.profile)
            runs = list(pool.map(one, range(1, arguments.seeds + 1), chunksize=10))
            for name, covered in coverage(runs):
                held = TARGET[0] <= covered <= TARGET[1]
                rows.append({"scenario": file.stem, "of": name, "covered": covered, "holds": held})
                print(f"{file.stem:16} {name:54} {covered:6.1%} {'' if held else 'MISSED'}")
                sys.stdout.flush()
    if arguments.out:
        report = {"seeds": arguments.seeds, "target": TARGET, "rows": rows}
        write_json(arguments.out, report | {"environment": environment("simpy", "virtual time")})
    return 0


def means_of(file: Path, profile: Path, seed: int) -> Means:
    """One run of a scenario file under a seed."""
    scenario = load_scenario(file, [f"seed={seed}"])
    requests = simulate(scenario, load_profile(profile)).requests
    answered = requests[requests["outcome"] != "lost"]
    found: Means = {}
    for (name, _), latency_s in answered.groupby(["deployment", "repeat"], sort=False)["latency_s"]:
        found.setdefault(str(name), []).append((float(latency_s.mean()), len(latency_s)))
    return found


def coverage(runs: list[Means]) -> Iterator[tuple[str, float]]:
    """What an interval is of, and the share of the runs whose interval holds its truth."""
    pooled = {name: _pooled([run[name] for run in runs if name in run]) for name in runs[0]}
    for name, truth in pooled.items():
        intervals = [mean_interval(*zip(*run[name], strict=True)) for run in runs if name in run]
        yield name, _share(intervals, truth)
    for one, other in combinations(pooled, 2):
        apart = [_paired(run, one, other) for run in runs]
        truth = float(np.mean([difference for differences in apart for difference in differences]))
        intervals = [mean_interval(of, [1] * len(of)) for of in apart]
        yield f"{one} - {other}", _share(intervals, truth)


def _pooled(of_runs: list[list[tuple[float, int]]]) -> float:
    frame = pd.DataFrame([pair for run in of_runs for pair in run], columns=["mean", "count"])
    return float(np.average(frame["mean"], weights=frame["count"]))


def _paired(run: Mapping[str, list[tuple[float, int]]], one: str, other: str) -> list[float]:
    pairs = zip(run.get(one, []), run.get(other, []), strict=False)
    return [first - second for (first, _), (second, _) in pairs]


def _share(intervals: list[tuple[float | None, float | None]], truth: float) -> float:
    return float(
        np.mean([low is not None and low <= truth <= (high or 0) for low, high in intervals])
    )


if __name__ == "__main__":
    sys.exit(main())
