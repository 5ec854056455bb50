"""What the reports of the training studies share: the table of points, provenance, warnings."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from testbed.paper.options import StudyOptions
from testbed.paper.report import Table
from testbed.paper.training.statistics import METHOD
from testbed.paper.training.trials import TrialResult

REHEARSAL = (
    "**This is a rehearsal (`--quick`): a few training steps and one seed. It shows that the study "
    "runs; its accuracies say nothing about the claims.**"
)


def title(options: StudyOptions, text: str) -> str:
    """The report's title; that of a rehearsal cannot be taken for one of results."""
    return f"REHEARSAL, not a result: {text}" if options.quick else text


def failures(results: Sequence[TrialResult]) -> list[str]:
    """One line for each trial that failed."""
    lines = [f"{r.trial.label}: {r.failed}" for r in results if r.failed is not None]
    return list(dict.fromkeys(lines))


def by_seed(results: Sequence[TrialResult], tasks: Sequence[str], task: str) -> dict[int, float]:
    """Seed -> accuracy of `task`, in per cent, of the trials of exactly `tasks`."""
    return {
        result.trial.seed: 100 * result.accuracy[task]
        for result in results
        if result.trial.tasks == tuple(tasks) and result.failed is None
    }


def points_table(results: Sequence[TrialResult]) -> Table:
    """Every trial: all of them in the CSV, how they differ in the Markdown."""
    once = list(dict.fromkeys(result.trial for result in results))
    found = {result.trial: result for result in results}
    frame = pd.DataFrame([_row(found[trial]) for trial in once])
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


def provenance(options: StudyOptions, results: Sequence[TrialResult]) -> dict[str, Any]:
    """How the results came about."""
    unique = {result.trial: result for result in results}.values()
    return {
        "networks": len(unique),
        "of them found trained": sum(result.found for result in unique),
        "failed": failures(results) or "none",
        "training seconds on one core": round(sum(result.seconds for result in unique)),
        "processes": options.workers,
        "statistics": METHOD,
    }


def warnings(options: StudyOptions, results: Sequence[TrialResult]) -> list[str]:
    """Paragraphs a reader must not miss."""
    lost = failures(results)
    return [
        *([REHEARSAL] if options.quick else []),
        *(["**Networks that failed and are missing below:**", *lost] if lost else []),
    ]


def _row(result: TrialResult) -> dict[str, Any]:
    accuracy = {f"{task} %": 100 * share for task, share in result.accuracy.items()}
    row = result.trial.as_row()
    return row | {"seconds": round(result.seconds, 1), "error": result.failed or ""} | accuracy


def _results(frame: pd.DataFrame) -> list[str]:
    return [name for name in map(str, frame) if name.endswith(" %") or name == "error"]
