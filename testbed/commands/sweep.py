"""`testbed sweep`: progress while it goes, figures and crossovers at the end, the folder last."""

import sys

from rich.console import Console
from rich.progress import Progress, TaskID

from testbed.commands.plot import show_sweep
from testbed.commands.run import say_on
from testbed.errors import TestbedError
from testbed.storage.files import shown
from testbed.sweep.run import SweepOptions, run_sweep
from testbed.sweep.sweep_file import Clock
from testbed.terminal.tables import progress

TOLD = 3
"""So many failed points are named on the terminal."""


class PointsFailed(TestbedError):
    """Some points of a sweep have no numbers; the others are there."""


def sweep(options: SweepOptions) -> None:
    """Do it, draw it, show it. Raises PointsFailed after that."""
    console = Console(stderr=True, highlight=False)
    say = say_on(console)
    with progress(console) as bar:
        finished = run_sweep(options, say, Bars(bar).on_point)
    failed = len(finished.failed)
    if failed < finished.points:
        show_sweep(finished.folder)
    for line in finished.failed[:TOLD]:
        say(f"failed: {line}")
    sys.stdout.write(f"{shown(finished.folder)}\n")
    if failed:
        raise PointsFailed(
            f"{failed} of {finished.points} points failed, see the column failed of "
            f"sweep.parquet; to try these again: {options.again(finished.folder)}"
        )


class Bars:
    """A bar for each clock on a terminal; elsewhere a line each tenth."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._tasks: dict[Clock, TaskID] = {}

    def on_point(self, clock: Clock, done: int, total: int) -> None:
        """One point more is done, or the first is about to begin."""
        if clock not in self._tasks:
            self._tasks[clock] = self._bar.add_task(f"{clock} clock", total=total)
        self._bar.update(self._tasks[clock], completed=done)
        tenths = 10 * done // total
        if self._bar.disable and done and tenths > 10 * (done - 1) // total:
            self._bar.console.print(f"{done} of {total} points, {clock} clock")
