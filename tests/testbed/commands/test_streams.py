"""Closed, broken and full standard streams, hang-ups, and machines that know nobody."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.command_line import ROOT, SCENARIOS, TIMEOUT_S

LTE = SCENARIOS / "lte.yaml"
TESTBED = (sys.executable, "-m", "testbed")


def shell(
    command: str, *arguments: object, stdout: int = subprocess.PIPE, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """What a shell makes of a line in which "$@" stands for `arguments`."""
    return subprocess.run(
        ["bash", "-c", command, "bash", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, **environment}, stdout=stdout, stderr=subprocess.PIPE,
        text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


@pytest.fixture
def nobody() -> Iterator[int]:
    """A pipe from which nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def python(
    code: str, redirected: str = "", stdout: int = subprocess.PIPE
) -> "subprocess.CompletedProcess[str]":
    """A few lines that use what is tested, as a process with some streams redirected."""
    setup = "import os, sys\nfrom testbed.commands.streams import complete, exit_code\ncomplete()\n"
    return shell(f'"$@" {redirected}', sys.executable, "-c", setup + code, stdout=stdout)


def test_what_was_closed_is_open_to_nothing() -> None:
    ended = python(
        "assert sys.stdin.read() == ''\n"
        "print('lost')\n"
        "assert min(os.open('/dev/null', os.O_RDONLY) for _ in range(3)) > 2\n"
        "sys.exit(os.system('echo lost too && read word') >> 8)",  # 1: nothing to read
        "<&- >&-",
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "")


def test_errors_may_be_closed_too() -> None:
    ended = shell('"$@" 2>&-', *TESTBED, "check", "nowhere.yaml")
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", "")


def test_a_whole_run_needs_no_streams(tmp_path: Path) -> None:
    few = ("workload.requests=2", "workload.warmup=0", "repeats=1", "deployments=[local]")
    changes = [word for change in few for word in ("--set", change)]
    arguments = ("run", LTE, "--virtual", "--out", tmp_path / "out", *changes)
    ended = shell('"$@" <&- >&- 2>&-', *TESTBED, *arguments)
    assert ended.returncode == 0
    assert (tmp_path / "out" / "summary.json").is_file()
    assert (tmp_path / "out" / "figures" / "cdf.png").is_file()


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit(exit_code(lambda: print('x' * 1_000_000) or 0))",
        "sys.exit(exit_code(lambda: print('x') or 0))",
        "import rich.console\nsys.exit(exit_code(lambda: rich.console.Console().print('x') or 0))",
        "import typer\ndef do() -> int:\n  typer.echo('x')\n  return 0\nsys.exit(exit_code(do))",
    ],
    ids=["much", "last-line", "rich", "typer"],
)
def test_a_reader_that_has_gone_is_nothing_to_talk_about(nobody: int, code: str) -> None:
    ended = python(code, stdout=nobody)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.parametrize("command", ["schema", "columns", "--help"])
def test_commands_end_so_as_well(nobody: int, command: str) -> None:
    ended = shell('"$@"', *TESTBED, command, stdout=nobody)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_exit_code_of_what_was_read_is_its_own(code: int) -> None:
    for how in (f"lambda: {code}", f"lambda: sys.exit({code})"):
        assert (
            python(f"sys.exit(exit_code({how}))", "| cat; exit ${PIPESTATUS[0]}").returncode == code
        )


def test_a_full_disk_is_one_line() -> None:
    ended = python("sys.exit(exit_code(lambda: print('x') or 0))", ">/dev/full")
    assert ended.returncode == 1
    assert ended.stderr == "testbed: standard output: No space left on device\n"


@pytest.mark.parametrize("language", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_what_a_terminal_cannot_show_is_escaped(language: dict[str, Any]) -> None:
    ended = shell('"$@"', *TESTBED, "device", "list", **language)
    assert ended.returncode == 0, ended.stderr
    assert "raspberry-pi-4" in ended.stdout


def test_names_of_any_bytes_are_shown_escaped(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9 \x1b[31m.yaml")
    file.write_text("a: 1\na: 2\n")
    ended = shell('"$@"', *TESTBED, "check", file)
    assert ended.returncode == 2
    assert ended.stderr == (
        f"testbed: {tmp_path}/caf\\xe9 \\x1b[31m.yaml: line 2: "
        "found key a twice, first in line 1, allowed: once\n"
    )


def hung_up(folder: Path, before: str) -> int:
    """The exit code of a command that is hung up on while it waits for its scenario."""
    pipe = folder / "scenario"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        ["bash", "-c", f'{before} exec "$@"', "bash", *TESTBED, "check", pipe], cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with suppress(BrokenPipeError), pipe.open("w") as writer:  # opens once it is open to be read
        process.send_signal(signal.SIGHUP)
        writer.write(LTE.read_text())
    return process.wait(TIMEOUT_S)


def test_a_hang_up_interrupts_a_command(tmp_path: Path) -> None:
    assert hung_up(tmp_path, "") == 130


def test_under_nohup_it_goes_on(tmp_path: Path) -> None:
    assert hung_up(tmp_path, "trap '' HUP;") == 0
