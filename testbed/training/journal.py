"""What a training run shows and keeps while it lasts: a progress bar and a tidy table.

One row a measurement: step, split ("train" or "test"), task, metric ("loss" or "accuracy"), value.
"""

import csv
import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from testbed.storage.files import atomic_write

COLUMNS = ("step", "split", "task", "metric", "value")
Row = tuple[int, str, str, str, float]


class Journal(AbstractContextManager["Journal"]):
    """A context manager around the training loop.

    The bar goes to standard error and appears with the first step: what is wrong before that is
    one line alone.
    """

    def __init__(self, steps: int, show: bool, file: Path | None = None) -> None:
        """`steps`: how many the bar counts; `show`: False draws nothing.

        `file`: a CSV that holds the rows so far at any moment of the run; None keeps them in
        memory alone.
        """
        self.rows: list[Row] = []
        self._file = file
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[news]}"),
            console=Console(stderr=True),
            disable=not show,
        )
        self._steps = self._bar.add_task("training", total=steps, news="")

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self) -> None:
        """One training step is done."""
        self._bar.start()  # does nothing if it has started
        self._bar.advance(self._steps)

    def note(self, step: int, split: str, metric: str, values: dict[str, float]) -> None:
        """Keep one value a task, and show them beside the bar."""
        self.rows += [(step, split, task, metric, value) for task, value in values.items()]
        shown = ", ".join(f"{task} {value:.3f}" for task, value in values.items())
        self._bar.update(self._steps, news=f"{split} {metric}: {shown}")
        self._write()

    def restart(self, step: int, rows: Sequence[Row]) -> None:
        """Go on after `step` steps of an earlier run, with its rows."""
        self.rows = list(rows)
        self._bar.reset(self._steps, completed=step)
        self._write()

    def last(self, split: str, metric: str) -> dict[str, float]:
        """The latest value of each task; empty before the first `note` of that kind."""
        return {
            task: value for _, of, task, what, value in self.rows if (of, what) == (split, metric)
        }

    def _write(self) -> None:
        """All rows under a header, as CSV; they are few, so the file is replaced each time."""
        if self._file is None:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((*row[:4], f"{row[4]:.6g}") for row in self.rows)
        atomic_write(self._file, text.getvalue())
