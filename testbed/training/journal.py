"""What a training run shows and keeps while it lasts: a progress bar and a tidy table.

One row a measurement: step, split ("train" or "test"), task, metric ("loss" or "accuracy"), value.
"""

import csv
import io
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

COLUMNS = ("step", "split", "task", "metric", "value")


class Journal:
    """A context manager around the training loop. The bar goes to standard error."""

    def __init__(self, steps: int, show: bool) -> None:
        """`steps`: how many the bar counts; `show`: False keeps the rows and draws nothing."""
        self._rows: list[tuple[int, str, str, str, float]] = []
        self._bar = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[news]}"),
            console=Console(stderr=True),
            disable=not show,
        )
        self._steps = self._bar.add_task("training", total=steps, news="")

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

    def step(self) -> None:
        """One training step is done."""
        self._bar.advance(self._steps)

    def note(self, step: int, split: str, metric: str, values: dict[str, float]) -> None:
        """Keep one value a task, and show them beside the bar."""
        self._rows += [(step, split, task, metric, value) for task, value in values.items()]
        shown = ", ".join(f"{task} {value:.3f}" for task, value in values.items())
        self._bar.update(self._steps, news=f"{split} {metric}: {shown}")

    def last(self, split: str, metric: str) -> dict[str, float]:
        """The latest value of each task; empty before the first `note` of that kind."""
        return {
            task: value for _, of, task, what, value in self._rows if (of, what) == (split, metric)
        }

    def csv(self) -> bytes:
        """All rows under a header, as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:4], f"{row[4]:.6g}") for row in self._rows)
        return text.getvalue().encode()
