"""The studies by name, and what every one of them is done with."""

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING

from testbed.errors import BadInput
from testbed.runs.environment import environment

if TYPE_CHECKING:
    from testbed.paper.options import StudyOptions
    from testbed.paper.report import Report

STUDIES = ("accuracy", "memory", "split", "traffic", "coded", "tasks", "transfer")
KEPT = ("command", "started_utc", "testbed", "git", "python", "packages", "cpu", "memory_bytes")
"""What a report keeps of where it was made."""


def require_study(name: str) -> None:
    """Raise BadInput for a name that is none of `STUDIES`."""
    if name not in STUDIES:
        near = get_close_matches(name, STUDIES, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise BadInput(f"NAME: found {name!r}, allowed: {', '.join(STUDIES)}{meant}")


def run_study(name: str, options: "StudyOptions", say: Callable[[str], None]) -> "Report":
    """Run a study; its report's provenance says in addition how, where and for how long.

    `say` is told of progress, a line at a time. Raises BadInput for an unknown name, and what the
    study raises.
    """
    require_study(name)
    import_module("testbed.figures")  # sees to it that the study can import matplotlib
    study = import_module(f"testbed.paper.{name}.study")
    where = environment("none", "a study emulates no link")
    asked = {
        "quick": options.quick,
        "seeds": options.seeds,
        "threads": options.threads,
        "data": {name: path.name for name, path in options.data.items()} or "none given",
    }
    began = perf_counter()
    report: Report = study.run(options, say)
    made = {"seconds": round(perf_counter() - began, 1)} | {key: where[key] for key in KEPT}
    return replace(report, provenance=asked | dict(report.provenance) | made)
