"""Runs `testbed` as a user would, in a process of its own, and finds what it leaves behind."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import IO

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
TIMEOUT_S = 90

TINY = """
name: tiny
description: a fast link and no network, for tests of the command line
link:
  uplink:   {rate: 50mbit, delay: 2ms, queue: 100ms}
  downlink: {rate: 50mbit, delay: 2ms, queue: 100ms}
  tolerance: {rate: 20%, rtt: 100%}
model: {backbone: "null", feature_bytes: 5000}
workload: {dataset: shapes3d, camera_px: 48, requests: 8, warmup: 2, deadline: 1s}
deployments: [local, remote: {codec: jpeg}, split: {codec: fp16}]
repeats: 2
"""


@dataclass
class Command:
    """One `testbed` process, findable by a mark in its environment that its children inherit."""

    arguments: tuple[str, ...]
    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def start(
        self, out: int | IO[str] = subprocess.PIPE, err: int | IO[str] = subprocess.PIPE
    ) -> "subprocess.Popen[str]":
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return subprocess.Popen(
            [sys.executable, "-m", "testbed", *self.arguments],
            cwd=self.folder,
            env={**os.environ, "TESTBED_TEST_MARK": self.mark, "TMPDIR": str(temporary)},
            stdout=out,
            stderr=err,
            text=True,
        )

    def leftovers(self) -> list[str]:
        """Processes still running and temporary files still there."""
        found = [f"process {pid}" for pid in self.processes()]
        return found + [str(path) for path in (self.folder / "tmp").iterdir()]

    def processes(self) -> Iterator[int]:
        """All that runs of it, this one included."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if self.mark.encode() in (entry / "environ").read_bytes():
                    yield int(entry.name)
            except OSError:
                continue

    def clear(self) -> None:
        """Kill what is left, so that one failed test does not disturb the next."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str
    leftovers: list[str]


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[tuple[Command, "subprocess.Popen[str]"]]:
    command = Command(arguments, folder)
    process = command.start()
    try:
        yield command, process
    finally:
        process.kill()
        process.communicate()
        command.clear()


def finish(command: Command, process: "subprocess.Popen[str]") -> Ended:
    out, err = process.communicate(timeout=TIMEOUT_S)
    end_s = monotonic() + 3
    while command.leftovers() and monotonic() < end_s:
        sleep(0.05)
    return Ended(process.returncode, out, err, command.leftovers())


def run_testbed(folder: Path, *arguments: str) -> Ended:
    """Run to the end."""
    with started(folder, *arguments) as (command, process):
        return finish(command, process)


def write_tiny(folder: Path) -> Path:
    file = folder / "tiny.yaml"
    file.write_text(TINY)
    return file
