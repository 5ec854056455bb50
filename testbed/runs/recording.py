"""A run's folder while the run goes on: what was measured is on disk at once, and stays there.

The folder has its final name from the start and is marked unfinished. Records are added as they
come; at the end the rest is made from what is there (`folder.finish`). A run that ends earlier,
however it ends, can be finished later.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd

from emulation.errors import EmulationError
from emulation.host.owned import HAS_LOCKS, lock
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.errors import HostOutOfTolerance, RunDamaged, TestbedError, one_line
from testbed.results.record import RequestRecord, record_to_json
from testbed.results.summary import LinkFacts, link_json
from testbed.results.table import write_table
from testbed.runs.folder import (
    COMPUTE,
    EFFECTIVE,
    ENVIRONMENT,
    LINES,
    LINK,
    REQUESTS,
    SCENARIO,
    UNFINISHED,
    finish,
    has_requests,
    is_unfinished,
)
from testbed.storage.files import append_line, atomic_write, draft_of, replacing, shown, writing
from testbed.storage.folders import new_folder
from testbed.storage.strict_json import dumps

_OF_FINISHED_RUNS = (RunDamaged, HostOutOfTolerance)
"""Raised when a folder is as finished as it can be."""
Say = Callable[[str], None]
RESULTS = Path("results")

_MARK = """\
This run is not whole. Unless a process is still writing it, it ended early: then

    testbed plot FOLDER

makes what is missing from the requests it has, and takes this file away.
"""


class Recording:
    """A run's folder, open for what comes. `with` it: without one request the folder goes again.

    requests: how many are on disk. faults: what broke in mid-run, a line each.
    """

    def __init__(
        self,
        scenario: Scenario,
        scenario_text: str,
        environment: dict[str, Any],
        say: Say,
        out: Path | None = None,
        results_root: Path = RESULTS,
        clock: Literal["wall", "virtual"] = "wall",
    ) -> None:
        """Make the folder; `out` and `results_root` as in `folders.new_folder`.

        scenario_text: as given. environment: from `environment.py`. say: told where what was
        measured is, if the run is interrupted. Raises BadInput when it cannot be written.
        """
        self.requests = 0
        self.faults: list[str] = []
        self._clock, self._say = clock, say
        for left in (out,) if out else results_root.glob("*"):
            _remove_abandoned(left)
        given = out or results_root
        new = [folder for folder in (given, *given.parents) if not folder.exists()]
        self.folder = new_folder(out, results_root, scenario.name)
        self._new = new if out else [self.folder, *new]
        with writing(self.folder, "a folder that no other run writes"):
            self._mark = (self.folder / UNFINISHED).open("xb", buffering=0)
        lock(self._mark)
        try:
            with writing(self.folder):
                self._mark.write(_MARK.encode())
                self._lines = (self.folder / LINES).open("xb", buffering=0)
            atomic_write(self.folder / SCENARIO, scenario_text)
            atomic_write(self.folder / EFFECTIVE, dump_scenario(scenario))
            atomic_write(self.folder / ENVIRONMENT, dumps(environment))
        except BaseException:
            self._take_back()
            raise

    def append(self, record: RequestRecord) -> None:
        """Add a request that has ended.

        Raises BadInput when the disk takes no more, RunDamaged when the folder is not there.
        """
        self._require_there()
        line = json.dumps(record_to_json(record)) + "\n"
        with writing(self.folder / LINES):
            append_line(self._lines, line.encode())
        self.requests += 1

    def keep_requests(self, requests: pd.DataFrame) -> None:
        """Add all requests at once, as `table.table_of` makes them. Raises BadInput."""
        with replacing(self.folder / REQUESTS) as draft:
            write_table(requests, draft)
        self.requests = len(requests)

    def keep_link(self, link: LinkFacts) -> None:
        """Write down what is known of the link by now. Raises BadInput."""
        facts = link_json(link) | {"clock": self._clock, "faults": self.faults}
        atomic_write(self.folder / LINK, dumps(facts))

    def keep_compute(self, compute: Mapping[str, Any]) -> None:
        """Write down what is known of the hosts by now. Raises BadInput."""
        atomic_write(self.folder / COMPUTE, dumps(compute))

    def keep_faults(self, lines: Iterable[str]) -> None:
        """Add what broke; what is known already is not said again."""
        self.faults += [line for line in dict.fromkeys(lines) if line not in self.faults]

    @contextmanager
    def despite_faults(self) -> Iterator[None]:
        """Within, what breaks after the first request is a fault; the run goes on to its end."""
        try:
            yield
        except (TestbedError, EmulationError) as error:
            if not self.requests:
                raise
            self.keep_faults([one_line(error)])

    def finish(self, link: LinkFacts) -> dict[str, Any]:
        """Make the rest of the folder; returns the summary, or raises RunDamaged as `finish`."""
        self._require_there()
        with self.despite_faults():
            self.keep_link(link)
        return finish(self.folder, self.faults)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._lines.close()
        self._mark.close()
        if not self.requests:
            self._take_back()
        elif error is not None and not isinstance(error, _OF_FINISHED_RUNS):
            folder = shown(self.folder)
            self._say(f"{self.requests} requests are kept; to finish: testbed plot {folder}")

    def _require_there(self) -> None:
        """A run of which nobody would find the results must not go on for hours."""
        lines = self.folder / LINES
        try:
            there = os.path.samestat(lines.stat(), os.fstat(self._lines.fileno()))
        except OSError:
            there = False
        if not there:
            raise RunDamaged(f"{shown(lines)}: removed or moved while the run went on")

    def _take_back(self) -> None:
        """Leave nothing of a run in which nothing was measured."""
        _remove_files(self.folder)
        with suppress(OSError):  # in use by others
            for folder in self._new:
                folder.rmdir()


def _remove_abandoned(folder: Path) -> None:
    """Remove a run's folder that its process, killed, left without a request; data stays."""
    if not (HAS_LOCKS and is_unfinished(folder)):
        return
    with suppress(OSError), (folder / UNFINISHED).open("rb") as mark:
        # The mark of a run that is just beginning is empty until it is locked.
        if mark.read(1) and lock(mark) and not has_requests(folder):
            _remove_files(folder)
            folder.rmdir()


def _remove_files(folder: Path) -> None:
    """All that a run without a request has written."""
    names = (LINES, SCENARIO, EFFECTIVE, ENVIRONMENT, LINK, COMPUTE, UNFINISHED)
    for file in map(folder.joinpath, names):
        draft_of(file).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
