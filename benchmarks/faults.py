"""THE fault matrix as a table: everything that is done to a command, and what became of requests.

`python -m benchmarks.faults [--only WORDS] [--out DIR]`. The cases are those of `make test-faults`
(`tests/faults/matrix.py`), two at a time; then the damaged inputs. Writes faults.csv, faults.md and
provenance.json. Target: nothing unaccounted for, nothing left behind.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from os import getloadavg
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from benchmarks.json_file import write_json
from testbed.runs.environment import environment
from tests.faults.fuzz.fuzz import fuzz
from tests.faults.fuzz.kinds import KINDS, Kind
from tests.faults.matrix import GROUPS, Case
from tests.faults.outcome import Counted, Outcome

AT_ONCE = 2
DAMAGED = "damaged inputs"
COLUMNS = {
    "case": "fault",
    "injected": "faults injected",
    "exit_code": "exit code",
    "requests": "requests planned",
    "sent": "sent",
    "answered": "answered",
    "late": "late",
    "lost": "lost",
    "never_asked": "never asked",
    "unaccounted": "unaccounted",
    "left_behind": "left behind",
}
"""Of the page; the table has the others too."""


def main() -> int:
    """Play every case, print a line each, write the table; 1 where one does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", default="", help="cases with these words in their names")
    parser.add_argument("--out", type=Path, help="also write the table there")
    arguments = parser.parse_args()
    load_before, started, began_s = getloadavg(), datetime.now(UTC), monotonic()
    cases = {case: group for group in GROUPS for case in GROUPS[group]}
    cases = {case: group for case, group in cases.items() if arguments.only in case.name}
    for case in list(cases):
        if why := case.missing():
            print(f"{case.name}: left out: {why}")
            del cases[case]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        played = zip(cases.values(), pool.map(_played, cases), strict=True)
        rows = [{"kind": group} | outcome.row() for group, outcome in played]
    for kind in KINDS:  # these are tried within this process, and change its working folder
        if arguments.only in kind.name:
            rows.append({"kind": DAMAGED} | _fuzzed(kind).row())
    table = pd.DataFrame(rows)
    table.insert(5, "sent", table["requests"] - table["never_asked"])
    if arguments.out:
        facts = {
            "command": " ".join(["python -m benchmarks.faults", *sys.argv[1:]]),
            "seconds": round(monotonic() - began_s),
            "load_average_before": load_before,
            "load_average_after": getloadavg(),
            "environment": environment("tun, simpy", "as each case says", started=started),
        }
        write_report(table, facts, arguments.out)
    return 0 if table["holds"].all() else 1


def _played(case: Case) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        outcome = case.play(Path(folder))
    return _told(outcome)


def _fuzzed(kind: Kind) -> Outcome:
    """A kind of input as a case: a command for each is what was injected."""
    began_s, against, said = monotonic(), [], ""
    try:
        tally = fuzz(kind)
        said = f"{tally.used} used, {tally.refused} refused in one line"
    except AssertionError as error:
        against.append(str(error))
    name = f"{kind.examples} damaged {kind.name}"
    seconds = monotonic() - began_s
    return _told(Outcome(name, kind.examples, 0, Counted(0), (), said, "", against, seconds))


def _told(outcome: Outcome) -> Outcome:
    row = outcome.row()
    verdict = "" if outcome.holds else f"MISSED {outcome.left_behind} {outcome.against}"
    print(f"{row['case']:48} {row['seconds']:5.1f} s  {verdict}", flush=True)
    return outcome


def write_report(table: pd.DataFrame, facts: dict[str, Any], out: Path) -> None:
    """faults.csv has every column, faults.md those of COLUMNS. Raises OSError."""
    write_json(out / "provenance.json", facts)
    table.to_csv(out / "faults.csv", index=False)
    (out / "faults.md").write_text("\n".join(_page(table, facts)) + "\n", encoding="utf-8")


def _page(table: pd.DataFrame, facts: dict[str, Any]) -> list[str]:
    total = table[["injected", "requests", "unaccounted", "left_behind"]].sum()
    held = int(table["holds"].sum())
    return [
        "# What faults do to runs",
        "",
        f"{held} of {len(table)} cases hold: {total['injected']} faults, {total['requests']} "
        f"requests planned, unaccounted {total['unaccounted']}, left behind "
        f"{total['left_behind']}. Measured with `{facts['command']}`.",
        "",
        "sent: planned, less those of which the run says that it never asked them. unaccounted: of "
        "which the run says nothing, or of which a record was on disk and is there no more. left "
        "behind: processes, namespaces, temporary and half-written files, after the command or, "
        "where it was killed itself, after the next start.",
        "",
        f"| {' | '.join(COLUMNS.values())} |",
        f"| --- |{' ---: |' * (len(COLUMNS) - 1)}",
        *(
            f"| {' | '.join(str(row[name]) for name in COLUMNS)} |"
            for row in table.to_dict("records")
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
