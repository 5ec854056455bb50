"""The link in virtual time: one connection, and what is told when a message has crossed it.

How long that takes is the transport model's to say; here it becomes an event.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Generic, TypeVar

import simpy

from emulation.spec import LinkSpec
from emulation.transport.connection import open_connection
from emulation.transport.flow import Flow
from emulation.transport.train_lane import TrainLane

Message = TypeVar("Message")
Up = TypeVar("Up")
Down = TypeVar("Down")


class Direction(Generic[Message]):
    """Messages one way; they arrive in the order in which they were sent."""

    def __init__(self, env: simpy.Environment, flow: Flow, path: TrainLane[Any]) -> None:
        self._env = env
        self._send = flow.send
        self._last_s = 0.0
        self.path = path
        self.under_way: deque[tuple[Message, Callable[[Message], None]]] = deque()

    def carry(
        self, size_bytes: int, handing_s: float, message: Message, arrive: Callable[[Message], None]
    ) -> None:
        """Send a message now; `arrive` is called when it is there and, after `handing_s`, read."""
        now_s = self._env.now
        there_s = max(self._send(now_s, size_bytes) + handing_s, self._last_s)
        self._last_s = there_s
        self.under_way.append((message, arrive))
        self._env.timeout(there_s - now_s).callbacks.append(self._land)

    def _land(self, event: simpy.Event) -> None:
        message, arrive = self.under_way.popleft()
        arrive(message)


class VirtualLink(Generic[Up, Down]):
    """Both directions of the connection between the halves."""

    def __init__(self, env: simpy.Environment, spec: LinkSpec, seed: int) -> None:
        connection = open_connection(spec, seed)
        self.up: Direction[Up] = Direction(env, connection.up, connection.up_lane)
        self.down: Direction[Down] = Direction(env, connection.down, connection.down_lane)

    def metered(self, now_s: float) -> tuple[int, int]:
        """IP bytes that have left the edge and have reached it by then, as a meter would read."""
        down = self.down.path
        down.settle(now_s)
        return self.up.path.offered_bytes, down.delivered_bytes

    def describe(self) -> dict[str, Any]:
        """The counters of both lanes."""
        return {
            "uplink": asdict(self.up.path.counters()),
            "downlink": asdict(self.down.path.counters()),
        }
