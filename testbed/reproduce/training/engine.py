"""A study: points trained one after another or side by side, each result kept as it comes.

A point found in the folder is not trained again, so a study that was interrupted goes on by the
same command, and a point that was changed is another point. A point that fails is recorded,
reported and tried again next time.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

from testbed import pool
from testbed.errors import BadInput, TestbedError, one_line
from testbed.reproduce.training.point import Point
from testbed.reproduce.training.points import Outcome, Points
from testbed.reproduce.training.progress import StudyProgress

Say = Callable[[str], None]
Work = Callable[[Point], dict[str, float]]
"""Trains and tests a point: task -> accuracy. Must be picklable to work side by side."""


class StudyBroken(TestbedError):
    """A process that trained points ended on its own; finished points are kept."""


def run_points(
    points: Sequence[Point], folder: Path, work: Work, say: Say, workers: int = 1
) -> list[Outcome]:
    """The outcome of every point, in their order; equal points are trained once.

    `workers`: how many processes train points side by side; 1 trains in this one. The results are
    the same. Raises BadInput as `work` does; StudyBroken if a process was killed.
    """
    kept = Points(folder)
    outcomes = {point: found for point in points if (found := kept.find(point)) is not None}
    waiting = [point for point in dict.fromkeys(points) if point not in outcomes]
    if outcomes:
        say(f"{len(outcomes)} of {len(outcomes) + len(waiting)} points were finished before")
    with StudyProgress(waiting, say) as progress:
        for outcome in _done(waiting, partial(attempt, work), workers):
            kept.keep(outcome)
            outcomes[outcome.point] = outcome
            progress.done(outcome)
    return [outcomes[point] for point in points]


def failures(outcomes: Sequence[Outcome]) -> list[str]:
    """One line for each point that failed."""
    lines = [f"{o.point.label}: {o.error}" for o in outcomes if o.error is not None]
    return list(dict.fromkeys(lines))


def attempt(work: Work, point: Point) -> Outcome:
    """Do a point; whatever goes wrong with it alone is part of its outcome."""
    began = perf_counter()
    try:
        accuracy, error = work(point), None
    except BadInput:
        raise
    except Exception as problem:
        accuracy, error = {}, f"{type(problem).__name__}: {one_line(problem)}"
    return Outcome(point, accuracy, perf_counter() - began, error)


def _done(
    points: Sequence[Point], do: Callable[[Point], Outcome], workers: int
) -> Iterator[Outcome]:
    """Outcomes as they come."""
    try:
        yield from pool.each(do, points, workers)
    except pool.WorkerKilled as error:
        raise StudyBroken(
            "a training process was killed (out of memory?); finished points are kept, "
            "the same command goes on"
        ) from error
