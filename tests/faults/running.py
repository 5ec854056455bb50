"""A `testbed` command while it runs, watched from outside: how far it is, and who works for it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from testbed.runs.folder import LINES, REQUESTS
from tests.contract.leftovers import NAMESPACES, alive
from tests.faults.outcome import lines_in
from tests.testbed.command_line import Command

POLL_S = 0.001
TIMEOUT_S = 180.0
GONE_S = 5.0
"""What a command leaves may take so long to be gone after it."""
RUNNING_RECORDS = 8
ROLES = {
    "server": "-m testbed serve",
    "edge": "-m testbed edge",
    "ferry": "-m emulation.tun.ferry",
    "keeper": "-m emulation.host.keeper",
    "worker": "multiprocessing.spawn",
}
"""Who works for a run -> how its command line is known. `main` is the command itself."""
SAID = {
    "loading": "loading both halves",
    "probing": "measuring the floor and the link",
    "connecting": "running",
}
"""Phase -> the line that says that it has begun."""
PHASES = (*SAID, "running", "saving")


class Running:
    """results: where its run folders come to be. planned: requests of the whole run."""

    def __init__(self, folder: Path, arguments: tuple[str, ...], planned: int) -> None:
        self.folder, self.planned = folder, planned
        self.results = folder / "results"
        self._command = Command(arguments, folder)
        self._files = [folder / f"{self._command.mark}.{name}" for name in ("out", "err")]
        with self._files[0].open("w") as out, self._files[1].open("w") as err:
            self.process = self._command.start(out, err)
        self.known: dict[str, int] = {"main": self.process.pid}

    @property
    def run(self) -> Path | None:
        """The folder of its run, if there is one."""
        folders = sorted(self.results.glob("*")) if self.results.is_dir() else []
        return folders[0] if folders else None

    @property
    def err(self) -> str:
        """What it said so far."""
        return self._files[1].read_text(errors="replace")

    @property
    def out(self) -> str:
        """What it printed so far."""
        return self._files[0].read_text(errors="replace")

    def wait_for(self, phase: str, who: str = "main") -> bool:
        """Wait until it is there, and `who` was seen; False where it ended before."""
        return self.wait_until(lambda: self._is_in(phase) and self.knows(who))

    def wait_until(self, reached: Callable[[], bool]) -> bool:
        """False where the command ended before."""
        end_s = monotonic() + TIMEOUT_S
        while not reached():
            if self.process.poll() is not None:
                return False
            if monotonic() > end_s:
                raise AssertionError(f"not reached in {TIMEOUT_S:g} s: {self.err}")
            sleep(POLL_S)
        return True

    def knows(self, who: str) -> bool:
        """Whether one of that role was seen yet.

        The first: what measures the floor meanwhile has the same, later.
        """
        if who not in self.known:
            for process in sorted(self._command.processes()):
                if ROLES[who] in _command_line(process):
                    self.known[who] = process
                    break
        return who in self.known

    def signal(self, who: str, number: signal.Signals) -> int:
        """Send it; returns how many were there to get it."""
        if not alive(frozenset({self.known[who]})):
            return 0
        os.kill(self.known[who], number)
        return 1

    def end(self) -> int:
        """Wait for it; returns its exit code."""
        return self.process.wait(TIMEOUT_S)

    def left_behind(self) -> list[str]:
        """Processes, temporary files and namespaces, once there was time for them to go."""
        end_s = monotonic() + GONE_S
        while (found := self._left()) and monotonic() < end_s:
            sleep(0.05)
        return found

    def clear(self) -> None:
        """End what is left of it."""
        self.process.kill()
        self.process.wait()
        self._command.clear()

    def _is_in(self, phase: str) -> bool:
        if phase in SAID:
            return any(line.strip() == SAID[phase] for line in self.err.splitlines())
        run = self.run
        if run is None:
            return False
        records = lines_in(run / LINES)
        if phase == "running":
            return records >= RUNNING_RECORDS
        return records >= self.planned or (run / REQUESTS).is_file()

    def _left(self) -> list[str]:
        owned = NAMESPACES.glob(f"testbed-{self.process.pid}-*")
        return [*self._command.leftovers(), *(f"namespace {path.name}" for path in owned)]


@contextmanager
def running(folder: Path, arguments: tuple[str, ...], planned: int) -> Iterator[Running]:
    """Start a command in `folder`; nothing of it runs afterwards."""
    command = Running(folder, arguments, planned)
    try:
        yield command
    finally:
        command.clear()


def _command_line(process: int) -> str:
    try:
        content = Path("/proc", str(process), "cmdline").read_bytes()
    except OSError:
        return ""
    return content.replace(b"\0", b" ").decode(errors="replace")
