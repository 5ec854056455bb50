"""The server half: greets an edge, runs what lies behind the cut, answers, and counts faults.

It never sees labels, and nothing a peer sends can end it: whatever is not a message of ours is
counted and, where the sender can be told, refused. What it does with requests, and in which order,
is `lifecycle/server.py`'s to say; the edge half is `edge.py`.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from typing import NamedTuple

from testbed.channel import Frames, ServerChannel
from testbed.channel.wire import REFUSED, WELCOME, Hello, Notice, pack, unpack
from testbed.codecs.codec import Array
from testbed.errors import ProtocolError
from testbed.halves.deployment import BehindCuts, hello_of
from testbed.halves.machine import WALL_CLOCK, Clock, clock_id
from testbed.lifecycle.messages import Fault, Reply, Request
from testbed.lifecycle.server import Answer, Compute, life
from testbed.network import Logits, Network, flatten_logits, predict

_MAX_EDGES = 64
"""Greeted edges remembered; the one silent for longest is forgotten first."""


class Asked(NamedTuple):
    """A request, and who wants the answer."""

    peer: bytes
    request: Request


class Server:
    """Serves over a channel, which has an address before there is a network."""

    def __init__(self, channel: ServerChannel, clock: Clock = WALL_CLOCK) -> None:
        self.counts: Counter[str] = Counter()
        self._channel = channel
        self._clock = clock
        self._greeted: OrderedDict[bytes, None] = OrderedDict()
        self._waiting: deque[Asked] = deque()
        self._behind: BehindCuts
        self._array: Array
        self._logits: Logits

    def serve(self, network: Network, stopped: Callable[[], bool]) -> None:
        """Answer for `network` until `stopped()`, which is asked several times a second."""
        self._behind = BehindCuts(network)
        asking = life(self._waiting)
        ask = next(asking)
        while True:
            if isinstance(ask, Compute):
                self._compute(ask)
            elif isinstance(ask, Answer):
                self._answer(ask)
            elif stopped():
                return
            else:
                self._listen(network)
            ask = asking.send(self._clock.now_s())

    def _listen(self, network: Network) -> None:
        """Take the next message, if one comes: a request is queued, all else answered at once."""
        received = self._channel.receive()
        if received is None:
            return
        peer, frames = received
        number = -1
        try:
            message = unpack(frames)
            if isinstance(message, Request):
                number = message.id
                if peer not in self._greeted:
                    raise ProtocolError("a HELLO comes first")
                self._waiting.append(Asked(peer, message))
            elif isinstance(message, Hello):
                self._channel.send(peer, self._greet(network, peer, message))
            else:
                raise ProtocolError("only HELLO and REQUEST are for a server")
        except ProtocolError as error:
            self._refuse(peer, number, str(error))

    def _greet(self, network: Network, peer: bytes, hello: Hello) -> Frames:
        held = hello_of(network)
        if hello != held:
            self.counts["refused"] += 1
            return pack(Notice(REFUSED, f"this server holds {held}"))
        self._greeted[peer] = None
        self._greeted.move_to_end(peer)
        while len(self._greeted) > _MAX_EDGES:
            self._greeted.popitem(last=False)
        return pack(Notice(WELCOME, clock_id()))

    def _compute(self, ask: Compute[Asked]) -> None:
        request = ask.request.request
        try:
            if ask.stage == "decode":
                self._array = self._behind.decode(request.cut, request.payload)
            else:
                self._logits = self._behind.finish(request.cut, self._array)
                ask.classes = predict(self._logits)
        except ProtocolError as error:
            ask.fault = str(error)

    def _answer(self, ask: Answer[Asked]) -> None:
        peer, request = ask.request
        if ask.fault:
            self._refuse(peer, request.id, ask.fault)
            return
        self.counts["answered"] += 1
        logits = flatten_logits(self._logits).data.cast("B") if request.want_logits else None
        replied_at_s = self._clock.now_s()
        times = (ask.decode_s, ask.tail_s, replied_at_s - ask.received_s, ask.received_s)
        self._channel.send(peer, pack(Reply(request.id, ask.classes, *times, replied_at_s, logits)))

    def _refuse(self, peer: bytes, number: int, reason: str) -> None:
        self.counts["refused"] += 1
        self._channel.send(peer, pack(Fault(number, reason)))
