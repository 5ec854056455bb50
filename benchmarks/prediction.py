"""How far virtual time is from the wall clock, over links from 1 to 100 Mbit/s, 2 to 200 ms.

`python -m benchmarks.prediction [--quick] [--out DIR] [--links N] [--reuse]` measures both halves
over TUN links, predicts the same with `testbed.virtual`, and writes the cells, the table of errors
and a figure. Interrupted, it goes on with the links that are missing; `--reuse` predicts again what
was measured before. Grid and split are in `prediction_cells.py`. 40 links take 55 minutes.
"""

import argparse
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

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
from testbed.results.table import read_table
from testbed.runs.environment import environment
from testbed.virtual import Profile, measure_profile
from testbed.virtual.profile import load_profile, save_profile

DEFAULT_OUT = Path("results/reference/prediction")
LINKS_A_PROFILE, ROWS = 4, 24
"""The machine drifts: its processors are measured again every so many links, in so many rows."""


def main() -> int:
    """Measure, predict, report; returns 0 whether or not the targets hold, 2 for bad input."""
    arguments = _parse()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    links = grid(arguments.links or (QUICK_LINKS if arguments.quick else LINKS))
    requests = QUICK_REQUESTS if arguments.quick else REQUESTS
    if not arguments.reuse:
        _measure(links, requests, out)
    elif not (out / FILE).exists():
        return _refuse(
            f"{out / FILE}: No such file, allowed with --reuse: what was measured before"
        )
    measured = read_table(out / FILE)
    links = [link for link in links if link.name in set(measured["link"])]
    if not any(link.held_out for link in links):
        return _refuse(f"{out / FILE}: found no link that was held out, allowed: one at least")
    profiles = [load_profile(_profile_file(out, n)) for n in range(_profiles(out))]
    cells = compare(links, measured, profiles, _say)
    stale = compare(links, measured, profiles[:1], _say)
    files = write_report(cells, stale, _facts(profiles, links), out)
    print("\n".join([*verdict(error_table(cells)), *map(str, files)]))
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="few links, few requests")
    parser.add_argument(
        "--links", type=int, metavar="N", help="so many links of the grid, 2 or more"
    )
    parser.add_argument("--reuse", action="store_true", help="predict again, measure nothing")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="folder to write")
    return parser.parse_args()


def _measure(links: list[LinkCell], requests: int, out: Path) -> None:
    """A profile before every few links."""
    done = set(read_table(out / FILE)["link"]) if (out / FILE).exists() else set()
    missing = [link for link in links if link.name not in done]
    for first in range(0, len(missing), LINKS_A_PROFILE):
        number = _profiles(out)
        _say(f"measuring both halves, the {number + 1}. time")
        profile = measure_profile(links[0].scenario(requests, 1), rows=ROWS)
        save_profile(profile, _profile_file(out, number))
        some = missing[first : first + LINKS_A_PROFILE]
        measure_links(some, requests, REPEATS, number, out, _say)


def _profile_file(out: Path, number: int) -> Path:
    return out / f"profile-{number + 1}.json"


def _profiles(out: Path) -> int:
    """How many there are."""
    return next(number for number in count() if not _profile_file(out, number).exists())


def _facts(profiles: list[Profile], links: list[LinkCell]) -> dict[str, Any]:
    return {
        "command": "python -m benchmarks.prediction",
        "measured_utc": [profile.environment["started_utc"] for profile in profiles],
        "predicted_utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "drift": _drift(profiles),
        "links": [link.axes() | {"period_s": link.period_s} for link in links],
        "environment": environment(BACKEND, "asked for by name"),
        "measured_in": profiles[0].environment,
    }


def _drift(profiles: list[Profile]) -> str:
    """How much each deployment's compute time differed from the first profile's, medians."""
    said = []
    for name in profiles[0].deployments:
        found_s = pd.Series([_compute_s(profile, name) for profile in profiles])
        change = (found_s / found_s[0] - 1) * 100
        said.append(f"{name} {change.min():+.1f} to {change.max():+.1f} %")
    return ", ".join(said)


def _compute_s(profile: Profile, name: str) -> float:
    one = profile.of(name).at_once
    columns = np.array([one.head_s, one.encode_s, one.server_decode_s, one.server_tail_s])
    return float(np.median(columns.sum(axis=0)))


def _refuse(line: str) -> int:
    _say(line)
    return 2


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
