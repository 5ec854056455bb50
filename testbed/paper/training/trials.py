"""The trials of a study, trained one after another or side by side, each result kept as it comes.

A trial that was trained before is not trained again, by whichever study, so a study that was
interrupted goes on by the same command. A result is found as long as the trial, the code that
trains it and the packages that compute are the same.
"""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from testbed.errors import BadInput
from testbed.paper.options import StudyOptions
from testbed.paper.training.train_trial import train_trial
from testbed.paper.training.trial import Trial
from testbed.points.code import digest_of, made_by
from testbed.points.store import Point, PointResult, PointStore
from testbed.points.worklist import Progress, Workers, Worklist
from testbed.runs.environment import command_line

TRAINING_CODE = "testbed.paper.training.train_trial"
"""What decides accuracies; which trials there are and how results are shown do not."""


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
    return [
        _result(trial, worklist.results[point.digest])
        for trial, point in zip(trials, points, strict=True)
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


def _result(trial: Trial, result: PointResult) -> TrialResult:
    accuracy = result.value or {}
    return TrialResult(trial, accuracy, result.seconds, result.failed, result.found)
