"""Whether the two clocks agree: the means of every shipped scenario, really run and computed.

`python -m benchmarks.agreement [--only NAME]... [--out FILE]`. A scenario is run as `testbed run`
does, between real halves over the link that this machine gives, and in virtual time with the same
devices, under CHANCES times as many draws of the same schedule, so that what is left of chance is
the real run's. Under half an hour, on a machine that does nothing else. Where `--out` has a
scenario's real run already, that is kept, with its commit, and virtual time is computed anew.
Targets: deviations of the means of 3 % (median over scenarios and deployments) and of 10 % (worst).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd

from benchmarks.coverage import SCENARIOS
from benchmarks.json_file import write_json
from benchmarks.real_run import really_run, why_refused
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.errors import TestbedError
from testbed.runs.environment import environment, git_state
from testbed.virtual import simulate
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of

BACKEND = "tun"
CHANCES = 20
TARGETS = {"median": 0.03, "worst": 0.10}


def main() -> int:
    """Run, print a row a deployment, and say whether the targets hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", action="append", metavar="NAME", help="of these scenarios alone")
    parser.add_argument("--out", type=Path, help="keep the table as JSON, and go on with it")
    arguments = parser.parse_args()
    kept, rows = _rows_in(arguments.out), list[dict[str, Any]]()
    for file in sorted(SCENARIOS.glob("*.yaml")):
        found = [row for row in kept if row["scenario"] == file.stem and "refused" not in row]
        if not found and arguments.only and file.stem not in arguments.only:
            continue
        found = beside_virtual(file, found or really_measured(file))
        rows += found
        for row in found:
            print(line_of(row), flush=True)
        if arguments.out:
            write_json(arguments.out, report(rows))
    print(verdict(rows))
    return 0


def really_measured(file: Path) -> list[dict[str, Any]]:
    """A row a deployment of a scenario; one with the reason where the real run was refused."""
    try:
        summary = really_run(load_scenario(file), BACKEND).summary
    except TestbedError as error:
        return [{"scenario": file.stem, "refused": why_refused(error)}]
    commit = (git_state(SCENARIOS) or {}).get("commit")
    rows = []
    for one in summary["deployments"]:
        low_ms, high_ms = one["latency_ms"]["ci95"]
        row = {
            "scenario": file.stem,
            "commit": commit,
            "deployment": one["name"],
            "wall_ms": one["latency_ms"]["mean"],
            "wall_low_ms": low_ms,
            "wall_high_ms": high_ms,
            "wall_lost": one["lost"] / one["requests"],
        }
        rows.append(row)
    return rows


def beside_virtual(file: Path, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with what virtual time says, and how far that is off."""
    if all("refused" in row for row in rows):
        return list(rows)
    expected = predicted(load_scenario(file))
    found = [row | expected[row["deployment"]] for row in rows]
    return [row | {"deviation": row["virtual_ms"] / row["wall_ms"] - 1} for row in found]


def predicted(scenario: Scenario) -> dict[str, dict[str, float]]:
    """Deployment -> its mean in virtual time, and the share lost, over all draws."""
    repertoire = repertoire_of(scenario, Contents())
    draws = (simulate(scenario, repertoire, chance).requests for chance in range(CHANCES))
    found = {}
    for name, requests in pd.concat(draws).groupby("deployment"):
        latency_s = requests["latency_s"]
        mean_ms, lost = float(latency_s.mean() * 1e3), float(latency_s.isna().mean())
        found[str(name)] = {"virtual_ms": mean_ms, "virtual_lost": lost}
    return found


def line_of(row: dict[str, Any]) -> str:
    """A row in words."""
    if "refused" in row:
        return f"{row['scenario']:16} refused: {row['refused']}"
    half_ms = (row["wall_high_ms"] - row["wall_low_ms"]) / 2
    return (
        f"{row['scenario']:16} {row['deployment']:24} wall {row['wall_ms']:8.2f} ms "
        f"+-{half_ms:6.2f}, virtual {row['virtual_ms']:8.2f} ms, {row['deviation']:+6.1%}"
    )


def verdict(rows: Sequence[dict[str, Any]]) -> str:
    """The median and the worst deviation, each beside its target."""
    said = []
    for name, off in reached(rows).items():
        missed = "" if off <= TARGETS[name] else ", MISSED"
        said.append(f"{name} {off:.1%} (target {TARGETS[name]:.0%}{missed})")
    return ", ".join(said) or "nothing was measured"


def reached(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """What stands beside each of TARGETS; empty where every run was refused."""
    off = [abs(row["deviation"]) for row in rows if "deviation" in row]
    return {"median": median(off), "worst": max(off)} if off else {}


def report(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is kept."""
    facts = {"chances": CHANCES, "environment": environment(BACKEND, "as named here")}
    return {"targets": TARGETS, "reached": reached(rows), "rows": rows} | facts


def _rows_in(file: Path | None) -> list[dict[str, Any]]:
    if file is None or not file.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["rows"]
    return rows


if __name__ == "__main__":
    sys.exit(main())
