"""What became of a case of the matrix: every request that was planned, and whatever was left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from testbed.runs.folder import LINES, LINK, REQUESTS, SUMMARY, is_unfinished

SAID_CHARACTERS = 300


@dataclass(frozen=True)
class Counted:
    """Requests: planned, and how they ended. never_asked: of which the run says that it lacks them.

    unaccounted: of which nobody says anything, and records that were on disk and are there no more.
    """

    requests: int
    answered: int = 0
    late: int = 0
    lost: int = 0
    never_asked: int = 0
    unaccounted: int = 0


@dataclass(frozen=True)
class Outcome:
    """A row of the table.

    injected: faults that came about. left_behind: processes, namespaces, files. against: what
    else was not as it should be.
    """

    case: str
    injected: int
    exit_code: int
    counted: Counted
    left_behind: Sequence[str]
    said: str
    flagged: str = ""
    against: Sequence[str] = field(default=())
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Nothing unaccounted, nothing left, nothing else against it."""
        return not (self.counted.unaccounted or self.left_behind or self.against)

    def row(self) -> dict[str, Any]:
        """For a table."""
        counted = vars(self.counted)
        return {
            "case": self.case,
            "injected": self.injected,
            "exit_code": self.exit_code,
            **counted,
            "left_behind": len(self.left_behind),
            "flagged": self.flagged,
            "said": self.said[:SAID_CHARACTERS],
            "seconds": round(self.seconds, 1),
            "holds": self.holds,
        }


def counted_in(run: Path | None, planned: int, seen: int, ended_badly: bool) -> Counted:
    """What the folder of a run says of its requests.

    run: None where it left none; that stands for requests never asked if the command ended badly.
    seen: records that were on disk when the fault came.
    """
    if run is None or not (run / SUMMARY).is_file():
        never = planned if ended_badly and not seen else 0
        return Counted(planned, never_asked=never, unaccounted=planned - never)
    summary = json.loads((run / SUMMARY).read_text())
    of = summary["deployments"]
    answered, late, lost = (sum(one[how] for one in of) for how in ("answered", "late", "lost"))
    never = sum(summary.get("missing", {}).values())
    rows = len(pd.read_parquet(run / REQUESTS))
    unaccounted = abs(planned - answered - late - lost - never) + max(0, seen - rows)
    return Counted(planned, answered, late, lost, never, unaccounted)


def records_in(run: Path | None) -> int:
    """How many records of a run are on disk."""
    if run is None:
        return 0
    if (run / REQUESTS).is_file():
        return len(pd.read_parquet(run / REQUESTS))
    return lines_in(run / LINES)


def lines_in(file: Path) -> int:
    """Whole lines; 0 where there is no such file."""
    try:
        return file.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def flags_of(run: Path | None, code: int, untouched_s: float) -> str:
    """How a run tells that it was disturbed; empty if it does not.

    "untouched": it was not, for no request took longer than `untouched_s`.
    """
    if run is None or is_unfinished(run):
        return f"exit code {code}" if code else ""
    link = json.loads((run / LINK).read_text())
    requests = pd.read_parquet(run / REQUESTS)
    bad = requests["outcome"].isin(["late", "lost"]).sum()
    if bad:
        return f"{bad} late or lost"
    if link["faults"]:
        return str(link["faults"][0])
    if link["drift"]:
        return str(link["drift"][0])
    longest_s = (requests["answered_s"] - requests["due_s"]).max()
    return "untouched" if longest_s < untouched_s else ""
