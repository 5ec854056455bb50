"""What the reports of the training studies share: the table of points, provenance, warnings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from testbed.reproduce.options import Options
from testbed.reproduce.report import Table
from testbed.reproduce.training.engine import failures
from testbed.reproduce.training.points import Outcome
from testbed.reproduce.training.statistics import METHOD

REHEARSAL = (
    "**This is a rehearsal (`--quick`): a few training steps and one seed. It shows that the study "
    "runs; its accuracies say nothing about the claims.**"
)


def title(options: Options, text: str) -> str:
    """The report's title; that of a rehearsal cannot be taken for one of results."""
    return f"REHEARSAL, not a result: {text}" if options.quick else text


def points_folder(out: Path) -> Path:
    """Where results of points are kept: beside the report, which appears only when it is whole."""
    return out.parent / "points"


def by_seed(outcomes: Sequence[Outcome], tasks: Sequence[str], task: str) -> dict[int, float]:
    """Seed -> accuracy of `task`, in per cent, of the points trained on exactly `tasks`."""
    return {
        outcome.point.seed: 100 * outcome.accuracy[task]
        for outcome in outcomes
        if outcome.point.tasks == tuple(tasks) and outcome.error is None
    }


def points_table(outcomes: Sequence[Outcome]) -> Table:
    """Every point as it was trained: all of them in the CSV, how they differ in the Markdown."""
    once = list(dict.fromkeys(outcome.point for outcome in outcomes))
    found = {outcome.point: outcome for outcome in outcomes}
    frame = pd.DataFrame([_row(found[point]) for point in once])
    settings = [
        name for name in frame if name not in ("tasks", "seed", "seconds", *_results(frame))
    ]
    return Table(
        "points",
        frame,
        "Settings of the networks trained, and the mean seconds for one; each of them, with its "
        "accuracies in per cent",
        shown=frame.groupby(settings, as_index=False, sort=False)
        .agg(networks=("seed", "size"), seconds=("seconds", "mean"))
        .round({"seconds": 1}),
    )


def provenance(options: Options, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """How the points came about."""
    unique = {outcome.point: outcome for outcome in outcomes}.values()
    return {
        "networks": len(unique),
        "of them found trained": sum(outcome.kept for outcome in unique),
        "failed": failures(outcomes) or "none",
        "training seconds on one core": round(sum(outcome.seconds for outcome in unique)),
        "processes": options.workers,
        "statistics": METHOD,
    }


def warnings(options: Options, outcomes: Sequence[Outcome]) -> list[str]:
    """Paragraphs a reader must not miss."""
    lost = failures(outcomes)
    return [
        *([REHEARSAL] if options.quick else []),
        *(["**Networks that failed and are missing below:**", *lost] if lost else []),
    ]


def _row(outcome: Outcome) -> dict[str, Any]:
    accuracy = {f"{task} %": 100 * share for task, share in outcome.accuracy.items()}
    row = outcome.point.as_row()
    return row | {"seconds": round(outcome.seconds, 1), "error": outcome.error or ""} | accuracy


def _results(frame: pd.DataFrame) -> list[str]:
    return [name for name in map(str, frame) if name.endswith(" %") or name == "error"]
