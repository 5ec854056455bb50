"""How much `testbed choose` gives away, and how much rules of thumb do.

`python -m benchmarks.regret [--scenarios ...] [--devices ...] [--set a.b=c] [--out DIR]`. For every
shipped scenario and some devices at the edge each rule chooses a deployment that loses at most 1 %
of accuracy (rules that look at nothing choose theirs, whatever it loses). Regret is how much longer
that one takes than the best: mean latency, in virtual time, in other weather than the choice was
made in. `--wall BACKEND` then measures what was chosen, and the three fastest, between real halves,
and adds that to DIR.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.choices import (
    ACCURACY_LOSS,
    CHOOSE,
    CLOSED_FORM,
    FIXED,
    REPEATS,
    SCENARIOS,
    Choices,
    arguments_of,
    cells_of,
    choices_of,
    contents,
)
from benchmarks.json_file import write_json
from benchmarks.regret_wall import measured_ms
from testbed.runs.environment import command_line, environment
from testbed.storage.strict_json import plain

OUT = Path("results") / "reference" / "regret"
DEVICES = ("galaxy-s24-npu", "raspberry-pi-4", "rb3-gen2-cpu")
RULES = (CHOOSE, CLOSED_FORM, *FIXED)
NEAR = 0.05
"""A choice within so much of the best is as good."""

Row = dict[str, Any]


def main() -> int:
    """Choose in every cell, or measure what was chosen; print and write the table."""
    parser = arguments_of(__doc__, OUT)
    parser.add_argument("--wall", metavar="BACKEND", help="measure what was chosen: auto, tun, ...")
    asked = parser.parse_args()
    file = asked.out / "regret.json"
    if asked.wall:
        rows = [_with_wall(row, asked.wall) for row in json.loads(file.read_text())["rows"]]
    else:
        scenarios = asked.scenarios or ",".join(
            sorted(one.stem for one in SCENARIOS.glob("*.yaml"))
        )
        devices = asked.devices or ",".join(DEVICES)
        shared, rows = contents(), []
        for cell in cells_of(scenarios.split(","), devices.split(",")):
            rows.append(row_of(choices_of(cell, asked.overrides, shared), asked.overrides))
            print(f"{cell.scenario}, {cell.device}: {rows[-1]['picked'][CHOOSE]}", flush=True)
    facts = environment("simpy", "virtual time")
    report = {"command": command_line(sys.argv), "accuracy_loss": ACCURACY_LOSS, "rows": rows}
    write_json(file, plain(report | {"repeats": REPEATS, "environment": facts}))
    for line in lines_of(rows):
        print(line)
    return 0


def row_of(choices: Choices, overrides: Sequence[str]) -> Row:
    """Plain: what was chosen and what it takes, in ms; infinite where too many are lost."""
    return {
        "scenario": choices.cell.scenario,
        "device": choices.cell.device,
        "overrides": list(overrides),
        "images": choices.images,
        "picked": dict(choices.picked),
        "best": choices.best().name,
        "virtual_ms": {name: one.mean_s * 1e3 for name, one in choices.over.items()},
        "loss": {name: one.loss for name, one in choices.over.items()},
        "wall_ms": None,
    }


def regrets(rows: Sequence[Row], rule: str, clock: str) -> list[tuple[float, float]]:
    """Of a rule in each cell: ms and share of the best's latency that it gives away.

    clock: virtual or wall; cells that it has not are left out.
    """
    found = []
    for row in rows:
        taken_ms: Mapping[str, float | None] | None = row[f"{clock}_ms"]
        if taken_ms is None:
            continue
        allowed = [ms for name, ms in taken_ms.items() if _keeps(row, name) and ms is not None]
        chosen_ms, best_ms = taken_ms[row["picked"][rule]], min(allowed)
        more_ms = inf if chosen_ms is None else max(0.0, chosen_ms - best_ms)
        found.append((more_ms, more_ms / best_ms))
    return found


def _keeps(row: Row, name: str) -> bool:
    return bool(row["loss"][name] <= ACCURACY_LOSS)


def lines_of(rows: Sequence[Row]) -> list[str]:
    """A line a rule and a clock."""
    said = []
    for clock in ("virtual", "wall"):
        for rule in RULES:
            if of_rule := regrets(rows, rule, clock):
                near, middle, worst = summed_up(of_rule)
                said.append(
                    f"{clock:8} {rule:24} {near} of {len(of_rule)} within {NEAR:.0%}, median "
                    f"{middle[0]:.1f} ms {middle[1]:.1%}, worst {worst[0]:.1f} ms {worst[1]:.1%}"
                )
    return said


def summed_up(
    of_rule: Sequence[tuple[float, float]],
) -> tuple[int, tuple[float, float], tuple[float, float]]:
    """How many are within NEAR; medians of ms and of share; the worst of both."""
    near = sum(share <= NEAR for _, share in of_rule)
    by_ms, by_share = zip(*of_rule, strict=True)
    return near, (median(by_ms), median(by_share)), (max(by_ms), max(by_share))


def _with_wall(row: Row, backend: str) -> Row:
    found_ms = measured_ms(row, backend)
    print(f"{row['scenario']}, {row['device']}: {found_ms}", flush=True)
    return row | {"wall_ms": found_ms}


if __name__ == "__main__":
    sys.exit(main())
