"""How far a study is: a bar on a terminal, a line a point elsewhere."""

from collections.abc import Callable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from testbed.reproduce.training.point import Point
from testbed.reproduce.training.points import Outcome


class StudyProgress:
    """A context manager around a study. `say` gets the lines where there is no terminal."""

    def __init__(self, points: Sequence[Point], say: Callable[[str], None]) -> None:
        console = Console(stderr=True, highlight=False)
        self._total, self._left = len(points), sum(point.cost for point in points)
        self._done = 0
        self._cost_done, self._began = 0.0, perf_counter()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[news]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("points", total=self._left or 1.0, news="")
        self._say = self._bar.console.print if console.is_terminal else say

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def done(self, outcome: Outcome) -> None:
        """One point more."""
        self._done += 1
        self._cost_done += outcome.point.cost
        self._left -= outcome.point.cost
        left_s = self._left * (perf_counter() - self._began) / self._cost_done
        count = f"{self._done}/{self._total}"
        news = f"{count}, {_duration(left_s)} left" if self._done < self._total else count
        self._bar.update(self._task, completed=self._cost_done, news=news)
        self._say(f"{news}: {outcome.point.label}: {result_text(outcome)}")


def result_text(outcome: Outcome) -> str:
    """What a point came to, on one line."""
    if outcome.error is not None:
        return f"FAILED, {outcome.error}"
    shares = ", ".join(f"{task} {share:.1%}" for task, share in outcome.accuracy.items())
    return f"{shares} ({outcome.seconds:.0f} s)"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
