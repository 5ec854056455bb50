"""The trials of a study, trained one after another or side by side, each result kept as it comes.

A trial that was trained before is not trained again, by whichever study, and one that was
interrupted goes on from its last minute, so a study goes on by the same command. A result is found
by what was asked for and the version of the training (`training/version.py`): what else is changed
in this project leaves it valid. Its file says where it was made. What the reports on trials share
is here too: their table, provenance and warnings.
"""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from testbed.errors import BadInput
from testbed.paper.options import StudyOptions
from testbed.paper.report import Report, Table
from testbed.paper.training.images import Places, prepare
from testbed.paper.training.plateau import WORDS, Curve
from testbed.paper.training.statistics import METHOD
from testbed.paper.training.train_trial import train_trial
from testbed.paper.training.trial import Trial
from testbed.points.code import digest_of
from testbed.points.store import Point, PointResult, PointStore
from testbed.points.worklist import Progress, Workers, Worklist
from testbed.runs.environment import command_line, computed_on
from testbed.training.version import TRAINING_VERSION

RESULT = "result"
"""The key of a trial's result in its file."""

REHEARSAL = (
    "**This is a rehearsal (`--quick`): a few training steps and one seed. It shows that the study "
    "runs; its accuracies say nothing about the claims.**"
)


@dataclass(frozen=True)
class TrialResult:
    """What became of a trial: see `train_trial`. Shares are in 0..1; empty where it failed.

    seconds: of training. curve: empty where none was kept.
    """

    trial: Trial
    accuracy: Mapping[str, float]
    seconds: float
    failed: str | None = None
    found: bool = False
    guessing: Mapping[str, float] = field(default_factory=dict)
    curve: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def curve_of(self, task: str) -> Curve:
        """Steps, and the validation accuracy in per cent after each."""
        shares = self.curve.get(task, ())
        steps = map(int, self.curve.get("step", ()))
        return [(step, 100 * share) for step, share in zip(steps, shares, strict=True)]


def run_trials(
    trials: Sequence[Trial], options: StudyOptions, say: Callable[[str], None]
) -> list[TrialResult]:
    """The result of every trial, in their order; equal ones are trained once.

    Results are kept below `options.points`, unfinished trainings too. Raises BadInput for data that
    cannot be used, WorkerKilled, KeyboardInterrupt.
    """
    points = [point_of(trial) for trial in trials]
    store = PointStore(options.points, RESULT)
    worklist = Worklist(points, store, say, shlex.join(command_line(sys.argv)))
    places = Places(options.data, options.scratch)
    for trial in {replace(p.task, tasks=(), seed=0): p.task for p in worklist.missing}.values():
        prepare(places, trial, say)
    work = partial(_train, places, options.points)
    workers = Workers(options.workers, fatal=(BadInput,))
    worklist.do(worklist.missing, work, workers, partial(_tell, options.points, say))
    return [_result(point, worklist.results[point.digest]) for point in points]


def point_of(trial: Trial) -> Point[Trial]:
    """A trial as work to do."""
    described = {"trial": asdict(trial), "training_version": TRAINING_VERSION}
    where = {"computed_on": computed_on("torch", "numpy", "pillow")}
    return Point(digest_of(described), trial, described | where, trial.cost)


def unfinished(points: Path, digest: str) -> Path:
    """Where a trial's training is kept until it is done."""
    return points / "unfinished" / f"{digest}.state"


def _train(places: Places, points: Path, trial: Trial) -> dict[str, Any]:
    return train_trial(places, trial, unfinished(points, point_of(trial).digest))


def _result(point: Point[Trial], found: PointResult) -> TrialResult:
    value = found.value
    if value is None:
        return TrialResult(point.task, {}, found.seconds, found.failed, found.found)
    return TrialResult(
        point.task,
        value["accuracy"],
        value["training_s"],
        found=found.found,
        guessing=value["guessing"],
        curve=value["curve"],
    )


def _tell(points: Path, say: Callable[[str], None], progress: Progress[Trial]) -> None:
    """A line for each trial that is done: how many, the time left, and what it came to."""
    if progress.latest is None or progress.left_s is None:
        return
    point, result = progress.latest
    unfinished(points, point.digest).unlink(missing_ok=True)  # the result is kept
    left_s = progress.left_s
    left = f"{left_s:.0f} s" if left_s < 100 else f"{left_s / 60:.0f} min"
    count = f"{progress.done}/{progress.total}"
    count += f", {left} left" if progress.done < progress.total else ""
    said = f"FAILED, {result.failed}"
    if result.value is not None:
        accuracy = result.value["accuracy"].items()
        shares = ", ".join(f"{task} {share:.1%}" for task, share in accuracy)
        said = f"{shares} ({result.value['training_s']:.0f} s)"
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
            "learnt": WORDS,
        },
        notes=[*warnings, *report.notes],
    )


def failures(results: Sequence[TrialResult]) -> list[str]:
    """One line for each trial that failed."""
    lines = [f"{r.trial.label}: {r.failed}" for r in results if r.failed is not None]
    return list(dict.fromkeys(lines))


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
