"""What the reports of the training studies share: the table of trials, provenance, warnings."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from testbed.paper.options import StudyOptions
from testbed.paper.report import Report, Table
from testbed.paper.training.statistics import METHOD
from testbed.paper.training.trials import TrialResult

REHEARSAL = (
    "**This is a rehearsal (`--quick`): a few training steps and one seed. It shows that the study "
    "runs; its accuracies say nothing about the claims.**"
)


def with_trials(
    report: Report,
    options: StudyOptions,
    results: Sequence[TrialResult],
    statistics: str = METHOD,
) -> Report:
    """A report and what it rests on; that of a rehearsal cannot be taken for one of results."""
    unique = {result.trial: result for result in results}.values()
    lost = failures(results)
    warnings = [REHEARSAL] if options.quick else []
    if lost:
        warnings += ["**Networks that failed and are missing below:**", *lost]
    return replace(
        report,
        title=f"REHEARSAL, not a result: {report.title}" if options.quick else report.title,
        tables=[*report.tables, trials_table([*unique])],
        provenance={
            "networks": len(unique),
            "of them found trained": sum(result.found for result in unique),
            "failed": lost or "none",
            "training seconds on one core": round(sum(result.seconds for result in unique)),
            "processes": options.workers,
            "statistics": statistics,
        },
        notes=[*warnings, *report.notes],
    )


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


def trials_table(results: Sequence[TrialResult]) -> Table:
    """Every trial: all of them in the CSV, how they differ in the Markdown."""
    frame = pd.DataFrame([_row(result) for result in results])
    of_one = ("tasks", "seed", "seconds", "error")
    settings = [name for name in map(str, frame) if name not in of_one and not name.endswith(" %")]
    alike = frame.groupby(settings, as_index=False, sort=False)
    return Table(
        "points",
        frame,
        "Settings of the networks trained, and the mean seconds for one; each of them, with its "
        "accuracies in per cent",
        alike.agg(networks=("seed", "size"), seconds=("seconds", "mean")).round({"seconds": 1}),
    )


def _row(result: TrialResult) -> dict[str, Any]:
    """A trial's fields, tasks as one word, and what became of it."""
    fields = asdict(result.trial) | {"tasks": "+".join(result.trial.tasks)}
    fields |= {"seconds": round(result.seconds, 1), "error": result.failed or ""}
    return fields | {f"{task} %": 100 * share for task, share in result.accuracy.items()}
