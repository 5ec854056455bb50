"""How far virtual time is from the wall clock, over links from 1 to 100 Mbit/s, 2 to 200 ms.

`python -m benchmarks.prediction [--quick] [--out DIR] [--links N] [--reuse]` measures both halves
over TUN links, predicts the same with `testbed.virtual`, and writes the cells, the table of errors
and a figure. Interrupted, it goes on with the links that are missing; `--reuse` predicts again what
was measured before. Grid and split are in `prediction_cells.py`. 48 links take about an hour.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.prediction_cells import (
    LINKS,
    QUICK_LINKS,
    QUICK_REQUESTS,
    REPEATS,
    REQUESTS,
    LinkCell,
    grid,
)
from benchmarks.prediction_errors import compare, error_table
from benchmarks.prediction_measure import BACKEND, FILE, measure_links
from benchmarks.prediction_report import verdict, write_report
from testbed.environment import environment
from testbed.table import read_table
from testbed.virtual import Profile, measure_profile
from testbed.virtual.profile import load_profile, save_profile

DEFAULT_OUT = Path("results/reference/prediction")
BEFORE, AFTER = "profile.json", "profile-after.json"


def main() -> int:
    """Measure, predict, report; returns 0 whether or not the targets hold."""
    arguments = _parse()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    links = grid(arguments.links or (QUICK_LINKS if arguments.quick else LINKS))
    requests = QUICK_REQUESTS if arguments.quick else REQUESTS
    if not arguments.reuse:
        _measure(links, requests, out)
    measured = read_table(out / FILE)
    links = [link for link in links if link.name in set(measured["link"])]
    profile, after = load_profile(out / BEFORE), load_profile(out / AFTER)
    cells = compare(links, measured, profile, _say)
    facts = _facts(profile, after, links)
    files = write_report(cells, facts, out)
    print("\n".join([*verdict(error_table(cells)), *map(str, files)]))
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="few links, few requests")
    parser.add_argument("--links", type=int, metavar="N", help="so many links of the grid")
    parser.add_argument("--reuse", action="store_true", help="predict again, measure nothing")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder to write")
    return parser.parse_args()


def _measure(links: list[LinkCell], requests: int, out: Path) -> None:
    """A profile before and one after, so that the machine's own drift can be told."""
    if not (out / BEFORE).exists():
        _say("measuring the profile")
        save_profile(measure_profile(links[0].scenario(requests, 1)), out / BEFORE)
    measure_links(links, requests, REPEATS, out, _say)
    _say("measuring the profile again")
    save_profile(measure_profile(links[0].scenario(requests, 1)), out / AFTER)


def _facts(profile: Profile, after: Profile, links: list[LinkCell]) -> dict[str, Any]:
    started = profile.environment["started_utc"]
    return {
        "command": "python -m benchmarks.prediction",
        "measured_utc": f"{started} to {after.environment['started_utc']}",
        "predicted_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "drift": _drift(profile, after),
        "links": [link.axes() | {"period_s": link.period_s} for link in links],
        "environment": environment(BACKEND, "asked for by name"),
        "measured_in": profile.environment,
    }


def _drift(profile: Profile, after: Profile) -> str:
    """How much slower each deployment's compute was after than before, medians."""
    said = []
    for name in profile.deployments:
        before_s, after_s = (np.median(_compute_s(one, name)) for one in (profile, after))
        said.append(f"{name} {(after_s / before_s - 1) * 100:+.1f} %")
    return ", ".join(said)


def _compute_s(profile: Profile, name: str) -> NDArray[np.float64]:
    one = profile.of(name).rested
    columns = np.array([one.head_s, one.encode_s, one.server_decode_s, one.server_tail_s])
    total: NDArray[np.float64] = columns.sum(axis=0)
    return total


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
