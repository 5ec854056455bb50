"""How far a study's trials are: a bar on a terminal, and a line for each that is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from testbed.paper.training.trial import Trial
from testbed.points.store import PointResult
from testbed.points.worklist import OnProgress, Progress


@contextmanager
def showing_trials(say: Callable[[str], None]) -> Iterator[OnProgress[Trial]]:
    """Inside, what is yielded shows progress. `say` gets the lines where there is no terminal."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[news]}"))
    with Bar(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("trials", news="")
        tell = bar.console.print if console.is_terminal else say

        def show(progress: Progress[Trial]) -> None:
            news = progress_text(progress)
            bar.update(task, completed=progress.done, total=progress.total, news=news)
            if progress.latest is not None:
                point, result = progress.latest
                tell(f"{news}: {point.task.label}: {result_text(result)}")

        yield show


def progress_text(progress: Progress[Trial]) -> str:
    """3/12, 40 s left."""
    count = f"{progress.done}/{progress.total}"
    left_s = progress.left_s
    if left_s is None or progress.done == progress.total:
        return count
    return f"{count}, {f'{left_s:.0f} s' if left_s < 100 else f'{left_s / 60:.0f} min'} left"


def result_text(result: PointResult) -> str:
    """What a trial came to, on one line."""
    if result.value is None:
        return f"FAILED, {result.failed}"
    shares = ", ".join(f"{task} {share:.1%}" for task, share in result.value.items())
    return f"{shares} ({result.seconds:.0f} s)"
