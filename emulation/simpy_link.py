"""The fallback link: no privileges, no devices, any system. SimPy in wall time carries the bytes.

A child process (`simpy_process.py`) owns the lanes and listens on loopback; programs at both ends
talk through ordinary sockets (`relay_tcp.py`, `relay_udp.py`). It ends when this process closes its
standard input, which also happens when this process dies, however that comes about.
"""

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from subprocess import PIPE, Popen, TimeoutExpired
from types import TracebackType
from typing import Any, Self

from emulation.errors import LinkFault
from emulation.link import Endpoint, Transport
from emulation.meter import COUNTERS
from emulation.spec import LinkSpec
from emulation.spec_json import link_to_json

ANSWER_TIMEOUT_S = 20.0
"""The child answers in milliseconds once it runs; starting it takes longer on a busy machine."""
CLOSE_TIMEOUT_S = 5.0
_LAST_WORDS_BYTES = 2000


class SimpyLink:
    """An open link; both ends are on 127.0.0.1."""

    backend = "simpy"

    def __init__(self, spec: LinkSpec, seed: int) -> None:
        """Raises LinkFault when the child does not start."""
        self.edge = Endpoint("edge", "127.0.0.1")
        self.server = Endpoint("server", "127.0.0.1")
        self._resources = ExitStack()
        with self._resources:
            meter = _meter_file(self._resources)
            self.meter_uri = f"mmap:{meter}"
            self._complaints = self._resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            self._child = Popen(
                [sys.executable, "-m", "emulation.simpy_process"],
                stdin=PIPE,
                stdout=PIPE,
                stderr=self._complaints,
            )
            self._resources.callback(_end, self._child)
            self._ask({"spec": link_to_json(spec), "seed": seed, "meter": str(meter)})
            self._resources = self._resources.pop_all()

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """A loopback port whose connections or datagrams cross the lanes to `port`."""
        answer = self._ask({"do": "expose", "port": port, "transport": transport})
        address, front_port = answer["address"]
        return address, front_port

    def describe(self) -> dict[str, Any]:
        """Versions, and the counters of both lanes at this moment. Raises LinkFault."""
        return self._ask({"do": "describe"})

    def close(self) -> None:
        """End the child and remove the meter's file."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        """Send one command and wait for its answer. Raises LinkFault."""
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None or stdin.closed:
            raise LinkFault("simpy link: it is closed")
        try:
            stdin.write(json.dumps(command).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._fault("its process has ended") from None
        with DefaultSelector() as selector:
            selector.register(stdout, EVENT_READ)
            if not selector.select(ANSWER_TIMEOUT_S):
                raise self._fault(f"no answer within {ANSWER_TIMEOUT_S:g} s")
        line = stdout.readline()
        if not line:
            raise self._fault("its process has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _fault(self, what: str) -> LinkFault:
        """What happened, and what the child last had to say."""
        size_bytes = self._complaints.seek(0, 2)
        self._complaints.seek(max(0, size_bytes - _LAST_WORDS_BYTES))
        words = self._complaints.read().decode(errors="replace").strip()
        return LinkFault(f"simpy link: {what}: {words or 'no message'}")


class SimpyBackend:
    """Can be had everywhere."""

    name = "simpy"

    def missing(self) -> None:
        """Nothing."""
        return

    def open(self, spec: LinkSpec, seed: int) -> SimpyLink:
        """Start the child. Congestion control is not modelled, so the spec's is not used."""
        return SimpyLink(spec, seed)


backend = SimpyBackend()


def _meter_file(resources: ExitStack) -> Path:
    """An empty counter file, removed with `resources`."""
    with tempfile.NamedTemporaryFile(prefix="link-meter-", delete=False) as file:
        path = Path(file.name)
        resources.callback(path.unlink, missing_ok=True)
        file.write(bytes(COUNTERS.size))
    return path


def _end(child: Popen[bytes]) -> None:
    """Close the child's standard input and wait; a child that does not listen is killed."""
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            stream.close()
    try:
        child.wait(CLOSE_TIMEOUT_S)
    except TimeoutExpired:
        child.kill()
        child.wait()
