"""`testbed run`: progress while it goes, a table at the end, the folder's path as the last line."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import parse_scenario, read_text
from testbed.results.record import RequestRecord
from testbed.runs.recording import Say
from testbed.storage.files import shown
from testbed.storage.strict_json import dumps
from testbed.terminal.tables import print_summary, progress
from testbed.wall.run import RunOrder, run


def run_scenario(
    path: Path, overrides: list[str], backend: str, out: Path | None, as_json: bool
) -> None:
    """Load, run and show."""
    text = read_text(path)
    scenario = parse_scenario(text, str(path), path.parent, overrides)
    console = Console(stderr=True)
    with progress(console) as bar:
        watcher = Watcher(bar, requests_in(scenario))
        order = RunOrder(scenario, text, backend, out)
        folder, summary = run(order, say_on(console), watcher.on_record)
    show(folder, summary, as_json)


def show(folder: Path, summary: dict[str, Any], as_json: bool = False) -> None:
    """A finished run. With `as_json` standard output gets the summary and nothing else."""
    if as_json:
        sys.stdout.write(dumps(summary))
        return
    print_summary(Console(), summary)
    sys.stdout.write(f"{shown(folder)}\n")


def say_on(console: Console) -> Say:
    """Prints a line as it is: names in it stay whole, so that they can be copied."""
    return partial(console.print, soft_wrap=True, markup=False)


def requests_in(scenario: Scenario) -> int:
    """How many requests a run emits."""
    return len(scenario.deployments) * scenario.repeats * scenario.workload.requests


class Watcher:
    """Moves the progress bar with each of `requests` that ended."""

    def __init__(self, bar: Progress, requests: int) -> None:
        self._bar = bar
        self._task = bar.add_task("starting", total=requests)

    def on_record(self, record: RequestRecord) -> None:
        """A request that ended."""
        self._bar.update(self._task, advance=1, description=record.deployment)
