"""Where a network should run, for three links and three devices, beside what the field compares.

`python -m benchmarks.decision [--scenarios a,b,c] [--devices a,b,c] [--servers a] [--set a.b=c]
[--out DIR]`. In virtual time: what `testbed choose --accuracy-loss 1%` takes, the best that only
offloads or only splits, and the three that the field compares (LoC, RoC, SC), all in the same
weather. Leaves decision.json and a figure.
"""

import sys
from pathlib import Path
from typing import Any

from benchmarks.choices import (
    REPEATS,
    Choices,
    arguments_of,
    cells_of,
    choices_of,
    contents,
)
from benchmarks.decision_figure import draw
from benchmarks.json_file import write_json
from benchmarks.rules import ACCURACY_LOSS, CHOOSE, FIXED
from testbed.choice.choose import REQUESTS, Option
from testbed.runs.environment import command_line, environment
from testbed.storage.strict_json import plain

OUT = Path("results") / "reference" / "decision"
SCENARIOS = ("gigabit", "wifi", "lte")
SERVERS = ("desktop-core",)
"""One: a figure is of one server."""
DEVICES = ("galaxy-s24-npu", "raspberry-pi-4", "rb3-gen2-cpu")
FIELD = {
    "LoC": FIXED["always local"],
    "RoC": FIXED["always remote, raw"],
    "SC": FIXED["published cut, fp16"],
}
"""What the field compares, by its names for them."""


def main() -> int:
    """Choose in every cell, draw, write."""
    parser = arguments_of(__doc__, OUT)
    asked = parser.parse_args()
    shared, rows = contents(), []
    for cell in cells_of(asked, SCENARIOS, DEVICES, SERVERS):
        rows.append(row_of(choices_of(cell, asked.overrides, shared)))
        print(f"{', '.join(cell)}: {rows[-1]['chosen']}", flush=True)
    report = {
        "command": command_line(sys.argv),
        "accuracy_loss": ACCURACY_LOSS,
        "requests": REQUESTS * REPEATS,
        "rows": rows,
        "environment": environment("simpy", "virtual time"),
    }
    write_json(asked.out / "decision.json", plain(report))
    for file in draw(plain(report), asked.out / "decision"):
        print(file)
    return 0


def row_of(choices: Choices) -> dict[str, Any]:
    """Plain: what is chosen, the best of each kind, the field's three, and what each takes."""
    model = choices.scenario.model
    shown = {choices.picked[CHOOSE], *choices.best_of.values(), *FIELD.values()}
    return {
        **choices.cell._asdict(),
        "backbone": model.backbone,
        "images": choices.images,
        "chosen": choices.picked[CHOOSE],
        "best_of": dict(choices.best_of),
        "field": FIELD,
        "takes": {name: _costs(choices.over[name]) for name in sorted(shown)},
    }


def _costs(one: Option) -> dict[str, Any]:
    low_s, high_s = one.ci95_s
    return {
        "mean_ms": one.mean_s * 1e3,
        "low_ms": None if low_s is None else low_s * 1e3,
        "high_ms": None if high_s is None else high_s * 1e3,
        "bytes": one.size_bytes,
        "loss": one.loss,
        "loss_low": one.loss_low,
        "loss_high": one.loss_high,
        "energy_mj": one.energy_j * 1e3,
    }


if __name__ == "__main__":
    sys.exit(main())
