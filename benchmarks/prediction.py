"""How far virtual time is from the wall clock, on links drawn after the model was frozen.

`python -m benchmarks.prediction [--quick] [--links N] [--part K/N] [--hindsight] [--out DIR]`, as
root. The first start takes the present commit as that of the frozen model and draws the links by
its hash (the tree must be clean); started again it goes on with the links that are missing, and
refuses a model that is not the frozen one any more. 40 links take some four hours, in which a
machine is idle for most of the time: several of these may measure a part of the links each
(`--part 1/3` and so on); blocks and runs that they disturb are taken again. A model that has been
mended since is judged by what is there with `--hindsight`, into a folder of its own: what it was
mended by is no test of it.
"""

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.prediction_errors import compare
from benchmarks.prediction_links import LINKS, QUICK_LINKS, REPEATS, REQUESTS, draw
from benchmarks.prediction_measure import BACKEND, measure_links
from benchmarks.prediction_report import verdict, write_report
from testbed.errors import BadInput
from testbed.points.code import made_by
from testbed.runs.environment import environment
from testbed.storage.files import atomic_write
from testbed.storage.strict_json import dumps

DEFAULT_OUT = Path("results/reference/prediction")
HINDSIGHT = "hindsight"
MODEL_CODE = ("testbed.virtual.simulate", "testbed.virtual.from_devices")
QUICK_REPEATS, QUICK_REQUESTS = 2, 4


def main() -> int:
    """Measure, predict, report; returns 0 whether or not the targets hold, 2 for bad input.

    A part is measured only.
    """
    arguments = _parse()
    quick: bool = arguments.quick
    hindsight: bool = arguments.hindsight
    try:
        frozen = _frozen(arguments.out / "frozen.json", as_it_is=quick or hindsight)
    except BadInput as error:
        _say(str(error))
        return 2
    links = draw(int(frozen["commit"], 16), arguments.links or (QUICK_LINKS if quick else LINKS))
    place, parts = arguments.part
    size = (QUICK_REQUESTS, QUICK_REPEATS) if quick else (REQUESTS, REPEATS)
    measured = measure_links(links[place - 1 :: parts], *size, arguments.out / "measured", _say)
    if parts > 1:
        return 0
    cells = compare(links, measured, _say)
    facts = {
        "command": f"python -m benchmarks.prediction{' --hindsight' if hindsight else ''}",
        "frozen_at": frozen["commit"],
        "hindsight": hindsight,
        "model": frozen["model"],
        "predicted_utc": _now(),
        "links": [link.axes() for link in links],
        "environment": environment(BACKEND, "asked for by name"),
    }
    files = write_report(cells, facts, arguments.out / HINDSIGHT if hindsight else arguments.out)
    print("\n".join([*verdict(cells), *map(str, files)]))
    return 0


def _frozen(file: Path, as_it_is: bool) -> dict[str, Any]:
    """The commit of the model and what its code is; of now, where there is none yet.

    as_it_is: whatever the code and the tree have become. Raises BadInput for changes that are not
    committed, and for another model than that.
    """
    model = dict(made_by(*MODEL_CODE))
    if file.exists():
        frozen: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if frozen["model"] != model and not as_it_is:
            raise BadInput(
                f"{file}: found another model than that of {frozen['commit'][:12]}, allowed: that "
                "one, or another --out, for which links are drawn anew, or --hindsight"
            )
        return frozen
    if not as_it_is and (changed := _git("status", "--porcelain", "--untracked-files=no")):
        raise BadInput(f"found changes that are not committed ({changed}), allowed: none")
    frozen = {"commit": _git("rev-parse", "HEAD"), "model": model, "frozen_utc": _now()}
    file.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(file, dumps(frozen))
    return frozen


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="few links, few requests: a rehearsal")
    parser.add_argument("--links", type=int, metavar="N", help="so many links")
    parser.add_argument(
        "--part",
        type=part_of,
        default=(1, 1),
        metavar="K/N",
        help="measure the Kth of N parts only",
    )
    parser.add_argument(
        "--hindsight", action="store_true", help="judge today's model by what was measured"
    )
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder to write")
    return parser.parse_args()


def part_of(text: str) -> tuple[int, int]:
    """Which of how many parts: (1, 3) for 1/3. Raises ArgumentTypeError."""
    place, _, parts = text.partition("/")
    if not (place.isdecimal() and parts.isdecimal() and 1 <= int(place) <= int(parts)):
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed: K/N, as in 1/3")
    return int(place), int(parts)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
