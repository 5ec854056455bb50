"""`testbed` called within this process, as its own process would end: code, output, errors."""

import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from testbed.commands.app import main
from tests.testbed.command_line import run_testbed

CRASHED = 1
ALLOWED = (0, 2)
"""Done, or bad input."""


@dataclass(frozen=True)
class Told:
    """How a command ended."""

    code: int
    out: str
    err: str

    def against(self) -> str:
        """Why no input may end a command like this; empty if one may."""
        lines = self.err.splitlines()
        if "Traceback" in self.err or self.code not in ALLOWED:
            return f"exit {self.code}: {self.err[-2000:]}"
        refusals = [line for line in lines if line.startswith("testbed: ")]
        if self.code and (len(refusals) != 1 or lines[-1] != refusals[0]):
            return f"refused in more than one line: {self.err[-2000:]}"
        return ""


Call = Callable[[Path, tuple[str, ...]], Told]


def within(folder: Path, arguments: tuple[str, ...]) -> Told:
    """In this process, working in `folder`."""
    out, err = io.StringIO(), io.StringIO()
    with _working_in(folder, ["testbed", *arguments]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else CRASHED
        except BaseException:
            code = CRASHED
            err.write(traceback.format_exc())
    return Told(code, out.getvalue(), err.getvalue())


def by_process(folder: Path, arguments: tuple[str, ...]) -> Told:
    """In a process of its own, which leaves none."""
    ended = run_testbed(folder, *arguments)
    left = "".join(f"\nTraceback of what is left: {one}" for one in ended.leftovers)
    return Told(ended.code, ended.out, ended.err + left)


@contextmanager
def _working_in(folder: Path, argv: list[str]) -> Iterator[None]:
    before, argv_before = Path.cwd(), sys.argv
    os.chdir(folder)
    sys.argv = argv
    try:
        yield
    finally:
        os.chdir(before)
        sys.argv = argv_before
