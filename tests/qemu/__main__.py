"""Runs the tests that need sch_netem: `python -m tests.qemu`, in the project's folder.

Directly where this kernel has it, otherwise in guests, one for each group of tests and all at once.
The exit status is pytest's, or 1 when the tests did not run for all that.

`python -m tests.qemu COMMAND...` runs any command in a guest, to try netem by hand: what it prints
and its exit status come back, what it writes to files does not.
"""

import compileall
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from emulation.netem import kernel as netem_kernel
from tests.qemu import guest
from tests.qemu.kernel import Unprepared, prepared
from tests.qemu.verdict import complaints, passed

FOLDER = Path("build/netem-guest").resolve()
GROUPS = ("tests/emulation/netem/test_in_kernel.py", "tests/contract")
PYTEST = ("-m", "pytest", "-v", "--color=no", "-m", "netem", "-p", "no:cacheprovider")
WITHOUT_HYPOTHESIS = ("-p", "no:hypothesispytest")
"""No test here uses it, and it takes long to import in a guest."""
TIMEOUT_S = 600.0
"""Three times what a guest takes beside the other one on two idle cores."""


def main() -> int:
    """Run, and say in one line what came of it."""
    began_s = monotonic()
    why_not = netem_kernel.missing()
    if why_not is None:
        where, runs = "on this kernel", [here()]
    else:
        say(f"{why_not}: booting one under QEMU, which takes some minutes")
        where = "under QEMU"
        try:
            runs = in_guests(prepared(FOLDER))
        except (Unprepared, subprocess.SubprocessError) as error:
            say(f"FAILED: {error}")
            return 1
    found = [complaint for _, output in runs for complaint in complaints(output)]
    status = next((status for status, _ in runs if status != 0), 1 if found else 0)
    for complaint in found:
        say(complaint)
    count = sum(passed(output) for _, output in runs)
    ended = "passed" if status == 0 else f"FAILED with exit status {status}"
    say(f"{ended} {where}: {count} tests passed, {monotonic() - began_s:.0f} s")
    return status


def say(line: str) -> None:
    """A line of our own among pytest's."""
    print(f"test-netem: {line}", flush=True)


def here() -> tuple[int, str]:
    """Run all groups directly."""
    lines: list[str] = []
    argv = (sys.executable, *PYTEST, *GROUPS)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, "".join(lines)


def in_guests(kernel: Path) -> list[tuple[int, str]]:
    """Run each group in a guest of its own; the first one's output is shown as it comes."""
    for folder in ("emulation", "tests"):  # once and here, not in each guest
        compileall.compile_dir(folder, quiet=2)

    def run(group: str) -> tuple[int, str]:
        argv = (sys.executable, *PYTEST, *WITHOUT_HYPOTHESIS, group)
        tell = show if group == GROUPS[0] else ignore
        return guest.run(kernel, argv, TIMEOUT_S, tell)

    with ThreadPoolExecutor(len(GROUPS)) as pool:
        runs = list(pool.map(run, GROUPS))
    for _, output in runs[1:]:
        show(output)
    return runs


def show(text: str) -> None:
    """Print what a guest said."""
    print(text, flush=True)


def ignore(_: str) -> None:
    """Print it later."""


def by_hand(argv: Sequence[str]) -> int:
    """Run a command in a guest, for as long as it takes."""
    return guest.run(prepared(FOLDER), argv, float("inf"), show)[0]


if __name__ == "__main__":
    sys.exit(by_hand(sys.argv[1:]) if sys.argv[1:] else main())
