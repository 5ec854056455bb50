"""The parent's side of one half: start it, listen, end it; the child's is `commands/child.py`."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, TypeVar

from emulation.link import Endpoint
from testbed.errors import BadInput, HostOutOfTolerance, PeerLost, TestbedError
from testbed.halves.events import SCRATCH, Event, Failed, Quiet, Served, read_events

_LOAD_TIMEOUT_S = 180.0
"""Importing torch takes half a minute on an emulated machine."""
_GRACE_S = 3.0
_LAST_WORDS_S = 1.0
_FAILURES = {kind.exit_code: kind for kind in (BadInput, HostOutOfTolerance)}
"""What a half failed with, as far as it matters here."""

Kind = TypeVar("Kind", bound=Event)


class Half:
    """One child process at one end of a link."""

    def __init__(self, endpoint: Endpoint, arguments: list[str], scratch: Path) -> None:
        """Start `testbed ARGUMENTS --child` there; told to end, it removes the folder `scratch`."""
        self.name = endpoint.name
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        argv = [*endpoint.argv_prefix, sys.executable, "-m", "testbed", *arguments, "--child"]
        # A session of its own keeps the terminal's Ctrl-C from it; the parent decides when it ends.
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {SCRATCH: str(scratch)},
            start_new_session=True,
        )
        assert self.process.stdin and self.process.stdout  # noqa: S101  (they are pipes)
        self._stdin, self._stdout = self.process.stdin, self.process.stdout
        self._events: Queue[Event | None] = Queue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self.process.poll() is None

    def events(self, timeout_s: float) -> Iterator[Event]:
        """Events until the process ends, a failure raised as it was; PeerLost after a silence.

        timeout_s: beyond what the half said of how long it may be silent.
        """
        quiet_s = 0.0
        while True:
            allowed_s = timeout_s + quiet_s
            try:
                event = self._events.get(timeout=allowed_s)
            except Empty:
                raise PeerLost(f"the {self.name} half was silent for {allowed_s:.3g} s") from None
            if event is None:
                return
            if isinstance(event, Quiet):
                quiet_s = event.for_s
            if isinstance(event, Failed):
                raise _FAILURES.get(event.exit_code, TestbedError)(event.message)
            yield event

    def expect(self, kind: type[Kind], timeout_s: float = _LOAD_TIMEOUT_S) -> Kind:
        """The next event of that kind. Raises PeerLost when the process ends first."""
        for event in self.events(timeout_s):
            if isinstance(event, kind):
                return event
        awaited = kind.__name__.lower()
        raise PeerLost(f"the {self.name} half ended before it was {awaited}: {self.last_words()}")

    def go(self) -> None:
        """Let the half begin, or go on where it waits for that. Raises PeerLost."""
        try:
            self._stdin.write("go\n")
            self._stdin.flush()
        except BrokenPipeError:
            raise self.ended_early() from None

    def require_alive(self) -> None:
        """Raises PeerLost when the process has ended."""
        if not self.running:
            raise self.ended_early()

    def ended_early(self) -> PeerLost:
        """What is to be said of a process that has ended, or is about to."""
        return PeerLost(f"the {self.name} half ended in mid-run: {self.last_words()}")

    def last_words(self) -> str:
        """How the process ended and the last line it wrote to standard error."""
        self._ends_within(_LAST_WORDS_S)
        code = self.process.poll()
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").split("\n")
        spoken = [line.strip() for line in lines if line.strip()]
        return f"exit code {code}" + (f", {spoken[-1][:200]}" if spoken else "")

    def stop(self) -> Served:
        """Ask a server half to end; returns what it counted (nothing when it said nothing)."""
        self._close_stdin()
        try:
            return self.expect(Served, _GRACE_S)
        except TestbedError:
            return Served({})

    def close(self) -> None:
        """End the process, by force if it must be, and release its pipes."""
        self._close_stdin()
        if not self._ends_within(_GRACE_S):
            self.process.terminate()
            if not self._ends_within(_GRACE_S):
                self.process.kill()
                self.process.wait()
        self._listener.join(_GRACE_S)
        self._stdout.close()
        self._stderr.close()

    def _ends_within(self, timeout_s: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout_s)
        return not self.running

    def _close_stdin(self) -> None:
        with suppress(BrokenPipeError):
            self._stdin.close()

    def _listen(self) -> None:
        for event in read_events(self._stdout):
            self._events.put(event)
        self._events.put(None)
