"""The trials of a study, trained one after another or side by side, each result kept as it comes.

A trial that was trained before is not trained again, by whichever study, so a study that was
interrupted goes on by the same command. A result is found as long as the trial, the code that
trains it and the packages that compute are the same. What the reports on trials share is here too:
their table, provenance and warnings.
"""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from testbed.errors import BadInput
from testbed.paper.options import StudyOptions
from testbed.paper.report import Report, Table
from testbed.paper.training.statistics import METHOD
from testbed.paper.training.train_trial import train_trial
from testbed.paper.training.trial import Trial
from testbed.points.code import digest_of, made_by
from testbed.points.store import Point, PointStore
from testbed.points.worklist import Progress, Workers, Worklist
from testbed.runs.environment import command_line

TRAINING_CODE = "testbed.paper.training.train_trial"
"""What decides accuracies; which trials there are and how results are shown do not."""

REHEARSAL = (
    "**This is a rehearsal (`--quick`): a few training steps and one seed. It shows that the study "
    "runs; its accuracies say nothing about the claims.**"
)


@dataclass(frozen=True)
class TrialResult:
    """What became of a trial. accuracy: task -> share of the test images right, in 0..1."""

    trial: Trial
    accuracy: Mapping[str, float]
    seconds: float
    failed: str | None = None
    found: bool = False


def run_trials(
    trials: Sequence[Trial], options: StudyOptions, say: Callable[[str], None]
) -> list[TrialResult]:
    """The result of every trial, in their order; equal ones are trained once.

    Results are kept beside the report, which appears only when it is whole. Raises BadInput for
    data that cannot be used, WorkerKilled, KeyboardInterrupt.
    """
    points = [point_of(trial) for trial in trials]
    store = PointStore(options.out.parent / "points", "accuracy")
    worklist = Worklist(points, store, say, shlex.join(command_line(sys.argv)))
    workers = Workers(options.workers, fatal=(BadInput,))
    worklist.do(
        worklist.missing, partial(train_trial, dict(options.data)), workers, partial(_tell, say)
    )
    results = (worklist.results[point.digest] for point in points)
    return [
        TrialResult(trial, of.value or {}, of.seconds, of.failed, of.found)
        for trial, of in zip(trials, results, strict=True)
    ]


def point_of(trial: Trial) -> Point[Trial]:
    """A trial as work to do."""
    described = {"trial": asdict(trial), "made_by": dict(made_by(TRAINING_CODE))}
    return Point(digest_of(described), trial, described, trial.cost)


def _tell(say: Callable[[str], None], progress: Progress[Trial]) -> None:
    """A line for each trial that is done: how many, the time left, and what it came to."""
    if progress.latest is None or progress.left_s is None:
        return
    point, result = progress.latest
    left_s = progress.left_s
    left = f"{left_s:.0f} s" if left_s < 100 else f"{left_s / 60:.0f} min"
    count = f"{progress.done}/{progress.total}"
    count += f", {left} left" if progress.done < progress.total else ""
    said = f"FAILED, {result.failed}"
    if result.value is not None:
        shares = ", ".join(f"{task} {share:.1%}" for task, share in result.value.items())
        said = f"{shares} ({result.seconds:.0f} s)"
    say(f"{count}: {point.task.label}: {said}")


def with_trials(
    report: Report, options: StudyOptions, results: Sequence[TrialResult], statistics: str = METHOD
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
