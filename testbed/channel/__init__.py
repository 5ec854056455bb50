"""How messages get from one half to the other, over what this says a channel is.

A message is a few frames of bytes: `wire.py` packs and unpacks them. `zeromq/` is a channel, and
the only place that knows ZeroMQ.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeAlias

from testbed.lifecycle.messages import Buffer

Frames: TypeAlias = Sequence[Buffer]

HOST_S = 10.0
"""What the hosts of two halves may need for a word and its answer, on top of their link."""
STOP_CHECK_S = 0.2
"""Who waits for messages without end looks this often whether it is to stop."""
READ_AHEAD = 64
"""Messages that a half takes from a channel before their turn, so that it is known when they came;
what comes beyond waits in the channel, and then with its sender."""
MAX_EDGES = 64
"""Edges that a server knows at once."""


class EdgeChannel(Protocol):
    """One connection to a server.

    address: where that is. connected: False once the server is known to be gone. refusal: why the
    two could not agree to talk at all; empty while nothing is known to be wrong.
    """

    address: str
    connected: bool
    refusal: str

    def send(self, frames: Frames) -> bool:
        """Hand over one message; False when no more can be taken now. Never waits."""
        ...

    def receive(self, until_s: float) -> Frames | None:
        """The next message; None exactly at `until_s` (`perf_counter`), or when the server goes."""
        ...

    def close(self) -> None:
        """Release it at once; what was not sent yet is dropped."""
        ...


class ServerChannel(Protocol):
    """Where a server listens.

    address: as an edge on the same machine would dial it. counts: connections that ended
    before anything they said was heard (`turned away`: wrong keys, or none), and those it ended
    because they asked too much of it (`dropped`).
    """

    address: str
    counts: Counter[str]

    def receive(self, until_s: float) -> tuple[bytes, Frames] | None:
        """The next message and who sent it; None exactly at `until_s` (`perf_counter`)."""
        ...

    def send(self, peer: bytes, frames: Frames) -> None:
        """Answer a peer; an answer to one that is gone is dropped."""
        ...

    def close(self) -> None:
        """Release it at once."""
        ...
