"""Somebody else's programs: one in the foreground that owns the terminal, one behind it.

The program in the foreground shares this process's group, so the terminal's Ctrl-C and Ctrl-Z reach
it as if it had been started by the shell; this process then only waits. A shell started that way
makes groups of its own and takes the terminal; it is taken back at the end.
"""

import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from types import FrameType
from typing import Self

from testbed.errors import TestbedError

GRACE_S = 3.0
"""Between asking a program to end and killing it."""
SETTLE_S = 0.2
"""A server command that cannot work at all (a port taken, a wrong option) has ended by then."""
LAST_MOMENT_S = 0.2
"""A server for one client (iperf3 -s -1) ends by itself then, if it is let."""
LOOK_EVERY_S = 0.01


class ServerEnded(TestbedError):
    """The server command ended before there was anything to serve."""


def run_in_foreground(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run to its end; returns its exit code, 128 + n when signal n ended it.

    An exception (the testbed itself was told to end) ends the program first.
    """
    with _terminal_taken_back(), _signals_passed_on() as pass_signals_to:
        process = subprocess.Popen(argv, env=environment)
        try:
            pass_signals_to(process)
            code = process.wait()
        except BaseException:
            _end(process)
            raise
    return code if code >= 0 else 128 - code


class ServerProgram:
    """The program at the server end, in a session of its own, without the terminal's input.

    Its standard output goes to ours for errors: ours is COMMAND's.
    """

    def __init__(
        self, name: Sequence[str], argv: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """name: how the user wrote it; argv: what is started."""
        self._name = " ".join(name)
        self._process = subprocess.Popen(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LAST_MOMENT_S)
        _end(self._process, with_its_group=True)

    def require_running(self) -> None:
        """Give it a moment. Raises ServerEnded when it is gone by then."""
        until_s = monotonic() + SETTLE_S
        while monotonic() < until_s:
            if self._process.poll() is not None:
                raise ServerEnded(f"{self._ending()} at once, before COMMAND was started")
            sleep(LOOK_EVERY_S)

    def ended_badly(self) -> str | None:
        """What to say when it has ended by itself, and not well."""
        return f"{self._ending()} while COMMAND ran" if self._process.poll() else None

    def _ending(self) -> str:
        code = self._process.returncode
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        return f"the server command ({self._name}) ended with {how}"


@contextmanager
def _signals_passed_on() -> Iterator[Callable[["subprocess.Popen[bytes]"], None]]:
    """While this lasts, Ctrl-C and Ctrl-\\ are the program's; give it what this yields.

    From the terminal it gets them by itself; those sent to this process alone are passed on, those
    that came while it was being started as soon as it is known.
    """
    programs: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        if not programs:
            early.append(number)
        elif not _in_terminals_foreground():
            programs[0].send_signal(number)

    def pass_to(program: "subprocess.Popen[bytes]") -> None:
        programs.append(program)
        for number in early:
            program.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield pass_to
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_terminals_foreground() -> bool:
    """Whether the terminal's keys reach this process's group, and with it the program."""
    with suppress(OSError), Path("/dev/tty").open("rb", buffering=0) as terminal:
        return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    return False


@contextmanager
def _terminal_taken_back() -> Iterator[None]:
    """Afterwards the terminal is ours again, with its settings, however the program left it."""
    try:
        terminal = sys.stdin.fileno()
        settings, group = termios.tcgetattr(terminal), os.tcgetpgrp(terminal)
    except (OSError, termios.error):  # none, or another session's
        yield
        return
    try:
        yield
    finally:
        # We may be in the background now, where a change of the terminal stops a process.
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with suppress(OSError, termios.error):
            os.tcsetpgrp(terminal, group)
            termios.tcsetattr(terminal, termios.TCSADRAIN, settings)
        signal.signal(signal.SIGTTOU, before)


def _end(process: "subprocess.Popen[bytes]", with_its_group: bool = False) -> None:
    """Ask a program to end, insist after a while; with what it started, if it leads a group.

    What a program leaves behind that ended before is the link's to clear up.
    """
    to_group = partial(os.killpg, process.pid)
    send: Callable[[int], None] = to_group if with_its_group else process.send_signal
    for number, patience_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, None)):
        if process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                send(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
