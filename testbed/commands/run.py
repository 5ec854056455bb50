"""`testbed run`: progress while it goes, a table at the end, the folder's path as the last line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from testbed.config.deployments import is_open
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import read_scenario
from testbed.devices.find import check_devices
from testbed.halves.deployment import check_cuts
from testbed.results.record import RequestRecord
from testbed.runs.recording import Say
from testbed.storage.files import shown
from testbed.storage.strict_json import dumps
from testbed.terminal.tables import print_summary, progress
from testbed.wall.run import RunOptions, run
from testbed.wall.session import OnRecord


def run_scenario(
    path: Path, overrides: list[str], backend: str, out: Path | None, as_json: bool
) -> None:
    """Load, run and show."""
    scenario, text = read_scenario(path, overrides)
    said = check_devices(scenario)
    scenario = settled(scenario, say_on(Console(stderr=True)))
    check_cuts(scenario)
    with watched(requests_in(scenario)) as (say, on_record):
        folder, summary = run(RunOptions(scenario, text, backend, out), say, on_record)
    if said:
        say(said)
    show(folder, summary, as_json)


def settled(scenario: Scenario, say: Say) -> Scenario:
    """The scenario with a name in place of each cut and codec that it leaves open.

    Nothing is imported where it leaves none: choosing needs torch, a run's own process does not.
    """
    if not any(map(is_open, scenario.deployments)):
        return scenario
    from testbed.choice.auto import resolved

    return resolved(scenario, say)


def requests_in(scenario: Scenario) -> int:
    """How many requests a run emits."""
    return len(scenario.deployments) * scenario.repeats * scenario.workload.requests


@contextmanager
def watched(requests: int) -> Iterator[tuple[Say, OnRecord]]:
    """Takes lines for people, and requests that ended: each moves a bar of so many."""
    console = Console(stderr=True)
    with progress(console) as bar:
        task = bar.add_task("starting", total=requests)

        def on_record(record: RequestRecord) -> None:
            again = record.attempt > 0
            bar.update(task, advance=0 if again else 1, description=record.deployment)

        yield say_on(console), on_record


def say_on(console: Console) -> Say:
    """Prints a line as it is: names in it stay whole, so that they can be copied."""
    return partial(console.print, soft_wrap=True, markup=False)


def show(folder: Path, summary: dict[str, Any], as_json: bool = False) -> None:
    """A finished run. With `as_json` standard output gets the summary and nothing else."""
    if as_json:
        sys.stdout.write(dumps(summary))
        return
    print_summary(Console(), summary)
    sys.stdout.write(f"{shown(folder)}\n")
