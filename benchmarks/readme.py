"""The figures that README quotes, written anew from `results/reference/`.

`python -m benchmarks.readme`. Each part of README between `<!-- from FOLDER -->` and `<!-- end -->`
is made here of that folder alone; a test holds README to it, so that no figure is older than the
run that it speaks of.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.quoted.of_choices import decision, paper, regret
from benchmarks.quoted.of_clocks import agreement, coverage, prediction
from benchmarks.quoted.of_runs import backends, crossovers, curve, faults, floor, run
from benchmarks.quoted.of_speed import links, speed
from testbed.storage.files import atomic_write

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
REFERENCE = ROOT / "results" / "reference"
_PART = re.compile(r"( *)<!-- from results/reference/(\S+) -->\n.*?<!-- end -->", re.DOTALL)

PARTS: Mapping[str, Callable[[Path], str]] = {
    "lte": run,
    "lte-loaded": run,
    "sweeps/bandwidth": crossovers,
    "floor.json": floor,
    "curve.json": curve,
    "coverage.json": coverage,
    "agreement.json": agreement,
    "prediction": prediction,
    "prediction/hindsight": prediction,
    "paper": paper,
    "decision": decision,
    "regret": regret,
    "faults": faults,
    "backends.json": backends,
    "links": links,
    "virtual.json": speed,
}


def filled(text: str) -> str:
    """README's text with every part as its folder has it. Raises KeyError for an unknown folder."""
    return _PART.sub(_part, text)


def _part(found: re.Match[str]) -> str:
    indent, name = found.groups()
    made = f"<!-- from results/reference/{name} -->\n{PARTS[name](REFERENCE / name)}<!-- end -->"
    return "".join(indent + line if line.strip() else line for line in made.splitlines(True))


def main() -> int:
    """Write README anew."""
    atomic_write(README, filled(README.read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
