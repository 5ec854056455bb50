"""What a half tells the process that started it: one JSON object a line on standard output.

server   Bound, Ready, Served
edge     Ready, Checked, Beginning (before each block), Recorded (one for each request), Done;
         Quiet where it may be silent for longer, or no longer so long;
         Drawn after a few images of a repeat, Alive after each request of a warm-up;
         where devices are named HostsProbed (before Checked and Done), BlockHosts (after a block);
         where its machine has a counter, BlockEnergy (after a block)
either   Failed
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO, get_args

from pydantic import TypeAdapter

from testbed.config.weights import Weights
from testbed.halves.equality import CutCheck
from testbed.halves.overruns import BlockHosts
from testbed.halves.probe import HostStage
from testbed.results.record import RequestRecord

SCRATCH = "TESTBED_SCRATCH"
"""Environment variable: the folder that a half may use and, when its parent is gone, removes."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The server listens at this ZeroMQ address; the network is still to be loaded."""

    address: str

    @property
    def port(self) -> int:
        """The address's TCP port."""
        return int(self.address.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Ready:
    """The half has loaded what it needs.

    identity, blocks, weights: of its network. kept_awake: whether processors do not sleep
    meanwhile. dataset: what the edge's images are; empty at the server.
    """

    identity: str
    blocks: tuple[str, ...]
    weights: Weights
    kept_awake: bool
    dataset: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quiet:
    """From now on the half may say nothing for so long, until it says this anew."""

    for_s: float


@dataclass(frozen=True, slots=True)
class Checked:
    """The cut has been checked; the first request comes next."""

    checks: tuple[CutCheck, ...]


@dataclass(frozen=True, slots=True)
class HostsProbed:
    """How fast the hosts of both halves are, before the first block or after the last."""

    stages: tuple[HostStage, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """A block of this repeat comes next; its connection is made when the word to go on comes."""

    repeat: int


@dataclass(frozen=True, slots=True)
class Alive:
    """Work goes on of which there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Some more images of a repeat are there. skipped: all that cannot be used, so far."""

    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request has ended."""

    record: RequestRecord


@dataclass(frozen=True, slots=True)
class BlockEnergy:
    """What the edge's machine drew in one attempt at a block, without its warm-up.

    joules: all of it, what it draws when it rests included. counter: what told it.
    """

    deployment: str
    repeat: int
    attempt: int
    joules: float
    counter: str


@dataclass(frozen=True, slots=True)
class Done:
    """Every request has ended. strays: messages that came and were no reply to any of them.

    server_lost, server_found: how often the server was lost, and found again.
    """

    strays: dict[str, int]
    server_lost: int = 0
    server_found: int = 0


@dataclass(frozen=True, slots=True)
class Served:
    """The server ends. counts: messages by what became of them."""

    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Failed:
    """The half ends because of this error."""

    message: str
    exit_code: int


Event = (
    Bound
    | Ready
    | Quiet
    | HostsProbed
    | Checked
    | Beginning
    | Alive
    | Drawn
    | Recorded
    | BlockHosts
    | BlockEnergy
    | Done
    | Served
    | Failed
)
Tell = Callable[[Event], None]

_KINDS: dict[str, TypeAdapter[Any]] = {
    kind.__name__.lower(): TypeAdapter(kind) for kind in get_args(Event)
}


def write_event(stream: TextIO, event: Event) -> None:
    """One event, flushed at once."""
    name = type(event).__name__.lower()
    values = _KINDS[name].dump_python(event, mode="json")
    stream.write(json.dumps({"event": name, **values}) + "\n")
    stream.flush()


def read_events(stream: Iterable[str]) -> Iterator[Event]:
    """Events until the stream ends; a line that is none is passed over (a library's chatter)."""
    for line in stream:
        try:
            values = json.loads(line)
            yield _KINDS[values.pop("event")].validate_python(values)
        except (ValueError, LookupError, TypeError, AttributeError):
            continue
