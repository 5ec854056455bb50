"""A child process that answers JSON objects, one a line, and cannot outlive this process.

It reads commands from its standard input and ends with it, so that it ends when we close that or
die, however that comes about. `obey` and `answer` are its part.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from select import select
from subprocess import PIPE, Popen, TimeoutExpired
from typing import Any, TypeAlias

from emulation.errors import LinkFault
from emulation.host.shell import environment

ANSWER_TIMEOUT_S = 20.0
"""An answer takes milliseconds once the child runs; starting it takes longer on a busy host."""
CLOSE_TIMEOUT_S = 5.0
Commands: TypeAlias = Mapping[str, Callable[..., dict[str, Any]]]
"""What a child can do, by name."""
_LAST_WORDS_BYTES = 2000
_LAST_WORDS_S = 1.0


class Child:
    """Runs `argv`; `name` says in messages what it is. Its messages to stderr are kept."""

    def __init__(self, name: str, argv: Sequence[str]) -> None:
        self._name = name
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        try:
            self._process = Popen(  # in a session of its own: Ctrl-C is for us, who then close it
                argv, stdin=PIPE, stdout=PIPE, stderr=self._complaints,
                env=environment(), start_new_session=True,
            )  # fmt: skip
        except BaseException:
            self._complaints.close()
            raise

    def ask(self, lasting_s: float = 0.0, **command: Any) -> dict[str, Any]:
        """The answer to one command.

        lasting_s: how long it takes when all is well. Raises LinkFault when no answer comes within
        ANSWER_TIMEOUT_S beyond that.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None or stdin.closed:
            raise LinkFault(f"{self._name}: it is closed")
        try:
            stdin.write(json.dumps(command).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        timeout_s = lasting_s + ANSWER_TIMEOUT_S
        if not select([stdout], (), (), timeout_s)[0]:
            raise self._fault(f"no answer within {timeout_s:g} s")
        line = stdout.readline()
        if not line:
            raise self._ended()
        answer: dict[str, Any] = json.loads(line)
        return answer

    @property
    def process_id(self) -> int:
        """Of the child, or of the last program that it became."""
        return self._process.pid

    def require_alive(self) -> None:
        """Raises LinkFault when the child has ended."""
        if self._process.poll() is not None:
            raise self._ended()

    def close(self) -> None:
        """End the child; one that does not listen is killed. Safe to call twice."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        try:
            self._process.wait(CLOSE_TIMEOUT_S)
        except TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _ended(self) -> LinkFault:
        with suppress(TimeoutExpired):  # its pipes may close a moment before
            self._process.wait(_LAST_WORDS_S)
        return self._fault("its process has ended", f"exit code {self._process.poll()}")

    def _fault(self, what: str, silent: str = "no message") -> LinkFault:
        """What happened, and what the child last had to say; `silent` where that is nothing."""
        if self._complaints.closed:
            return LinkFault(f"{self._name}: it is closed")
        size_bytes = self._complaints.seek(0, 2)
        self._complaints.seek(max(0, size_bytes - _LAST_WORDS_BYTES))
        words = self._complaints.read().decode(errors="replace").strip()
        return LinkFault(f"{self._name}: {what}: {words or silent}")


def obey(line: str | bytes, commands: Commands) -> None:
    """As a child: have the command `do` names done, and tell the parent what it returns."""
    asked = json.loads(line)
    answer(**commands[asked.pop("do")](**asked))


def answer(**fields: Any) -> None:
    """As a child: tell the parent."""
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()
