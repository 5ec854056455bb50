"""Others' programs: how they end, and who has the terminal and its signals."""

import os
import pty
import sys
from select import select
from time import monotonic, sleep

import pytest

from testbed.commands.foreground import ServerProgram, run_in_foreground


def test_a_server_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testbed.commands.foreground.GRACE_S", 0.2)
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    argv = [sys.executable, "-c", script]
    with ServerProgram(argv, argv, os.environ) as server:
        server.require_running()
        sleep(0.3)
    assert server.ended_badly() is not None


def test_the_foreground_program_keeps_ctrl_c_to_itself() -> None:
    """What is sent to this process alone is passed on; the testbed only waits."""
    script = "trap 'exit 5' INT; kill -INT $PPID; while :; do sleep 0.05; done"
    assert run_in_foreground(["sh", "-c", script], os.environ) == 5


def test_an_interactive_shell_gets_the_terminal_and_gives_it_back() -> None:
    code = (
        "import os, sys\n"
        "from testbed.commands.foreground import run_in_foreground\n"
        "code = run_in_foreground(['bash', '--norc', '-i'], {**os.environ, 'PS1': 'ready$ '})\n"
        "assert os.tcgetpgrp(0) == os.getpgrp()\n"
        "sys.exit(code)\n"
    )
    process_id, terminal = pty.fork()
    if process_id == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    _expect(terminal, "ready$ ")
    os.write(terminal, b"sh -c 'echo be\"\"gun; exec sleep 60'\n")
    _expect(terminal, "begun")
    os.write(terminal, b"\x03")
    _expect(terminal, "ready$ ")
    os.write(terminal, b"echo ali''ve\n")
    _expect(terminal, "alive")
    os.write(terminal, b"exit 6\n")
    _, status = os.waitpid(process_id, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 6


def _expect(terminal: int, text: str) -> None:
    """Read until `text` was said."""
    said = ""
    until_s = monotonic() + 30
    while text not in said:
        assert select([terminal], [], [], until_s - monotonic())[0], said
        said += os.read(terminal, 4096).decode(errors="replace")
