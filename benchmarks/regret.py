"""How much `testbed choose` gives away, and how much rules of thumb do.

`python -m benchmarks.regret [--scenarios ...] [--devices ...] [--servers ...] [--set a.b=c]
[--out DIR]`. For every shipped scenario, some devices at the edge and two servers each rule chooses
a deployment that loses at most 1 % of accuracy (rules that look at nothing choose theirs, whatever
it loses). Regret is how much longer that one takes than the best: mean latency, in virtual time, in
other weather than the choice was made in. `--wall BACKEND` then measures what was chosen, and the
three fastest, between real halves, in the cells that are named or all, and adds that to DIR.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.choices import (
    REPEATS,
    SCENARIOS,
    Cell,
    Choices,
    arguments_of,
    cells_of,
    choices_of,
    contents,
)
from benchmarks.json_file import write_json
from benchmarks.regret_wall import measured_ms
from benchmarks.rules import ACCURACY_LOSS, CHOOSE, NEAR, RULES, Row, regrets, summed_up
from emulation.errors import EmulationError
from testbed.errors import TestbedError
from testbed.runs.environment import command_line, environment
from testbed.storage.strict_json import plain

OUT = Path("results") / "reference" / "regret"
DEVICES = ("galaxy-s24-npu", "raspberry-pi-4", "rb3-gen2-cpu")
SERVERS = ("server-core", "desktop-core")


def main() -> int:
    """Choose in every cell, or measure what was chosen; print and write the table."""
    parser = arguments_of(__doc__, OUT)
    parser.add_argument("--wall", metavar="BACKEND", help="measure what was chosen: auto, tun, ...")
    asked = parser.parse_args()
    file = asked.out / "regret.json"
    scenarios = sorted(one.stem for one in SCENARIOS.glob("*.yaml"))
    cells = cells_of(asked, scenarios, DEVICES, SERVERS)
    if asked.wall:
        report = _with_wall(json.loads(file.read_text(encoding="utf-8")), cells, asked.wall, file)
    else:
        shared, rows = contents(), []
        for cell in cells:
            rows.append(row_of(choices_of(cell, asked.overrides, shared), asked.overrides))
            print(f"{', '.join(cell)}: {rows[-1]['picked'][CHOOSE]}", flush=True)
        report = {
            "command": command_line(sys.argv),
            "accuracy_loss": ACCURACY_LOSS,
            "repeats": REPEATS,
            "environment": environment("simpy", "virtual time"),
            "rows": rows,
        }
        write_json(file, plain(report))
    for line in lines_of(report["rows"]):
        print(line)
    return 0


def row_of(choices: Choices, overrides: Sequence[str]) -> Row:
    """Plain: what was chosen and what it takes, in ms; infinite where too many are lost."""
    return {
        **choices.cell._asdict(),
        "overrides": [*choices.cell.overrides, *overrides],
        "images": choices.images,
        "picked": dict(choices.picked),
        "best": choices.best().name,
        "virtual_ms": {name: one.mean_s * 1e3 for name, one in choices.over.items()},
        "loss": {name: one.loss for name, one in choices.over.items()},
        "wall_ms": None,
    }


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


def _with_wall(
    report: dict[str, Any], cells: Sequence[Cell], backend: str, file: Path
) -> dict[str, Any]:
    """The report with what was measured in those cells, written after each; one that the host or
    the link refuses is left out, and said.
    """
    report["wall"] = {"command": command_line(sys.argv), "environment": environment(backend, "")}
    for row in report["rows"]:
        cell = Cell(row["scenario"], row["device"], row["server"])
        if cell in cells:
            try:
                row["wall_ms"] = measured_ms(row, backend)
                print(f"{', '.join(cell)}: {row['wall_ms']}", flush=True)
            except (TestbedError, EmulationError) as error:
                print(f"{', '.join(cell)}: left out: {error}", flush=True)
            write_json(file, plain(report))
    return report


if __name__ == "__main__":
    sys.exit(main())
