"""The server half: greets an edge, runs what lies behind the cut, answers, and counts faults.

It never sees labels, and nothing a peer sends can end it: whatever is not a message of ours is
counted and, where the sender can be told, refused. The edge half is `edge.py`.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from time import perf_counter

import zmq

from testbed.errors import BadInput, ProtocolError
from testbed.halves.clock import clock_id
from testbed.halves.codec import make_codec
from testbed.halves.deployment import behind_cut
from testbed.halves.transport import make_server_socket, receive, send
from testbed.halves.wire import (
    HELLO,
    REFUSED,
    WELCOME,
    Buffer,
    Fault,
    Notice,
    Reply,
    Request,
    pack_fault,
    pack_notice,
    pack_reply,
    unpack,
)
from testbed.network import Network, flatten_logits, predict

_STOP_CHECK_MS = 200
_MAX_EDGES = 64
"""Greeted edges remembered; the one silent for longest is forgotten first."""


class Server:
    """Binds at once, so that its address is known; serves when it has a network."""

    def __init__(self, address: str) -> None:
        """Bind to a ZeroMQ address such as tcp://127.0.0.1:* .

        Raises BadInput for an address that is no address or cannot be had.
        """
        self._clock_id = clock_id()
        self._greeted: OrderedDict[bytes, None] = OrderedDict()
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = make_server_socket(self._context)
        self._socket.setsockopt(zmq.RCVTIMEO, _STOP_CHECK_MS)
        try:
            self._socket.bind(address)
        except zmq.ZMQError as error:
            self.close()
            raise BadInput(
                f"--bind {address}: {error}, allowed: a free address such as tcp://127.0.0.1:5555"
            ) from None
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.counts: Counter[str] = Counter()

    def serve(self, network: Network, stopped: Callable[[], bool]) -> None:
        """Answer for `network` until `stopped()`, which is asked several times a second."""
        while not stopped():
            try:
                peer, *frames = receive(self._socket)
            except zmq.Again:
                continue
            received_at_s = perf_counter()
            answer = self._answer(network, bytes(peer), frames, received_at_s)
            send(self._socket, peer, *answer)

    def close(self) -> None:
        """Release the socket at once."""
        self._socket.close(linger=0)
        self._context.term()

    def _answer(
        self, network: Network, peer: bytes, frames: list[Buffer], received_at_s: float
    ) -> list[Buffer]:
        number = -1
        try:
            message = unpack(frames)
            if isinstance(message, Notice) and message.kind == HELLO:
                return self._greet(network, peer, message)
            if not isinstance(message, Request):
                raise ProtocolError("only HELLO and REQUEST are for a server")
            number = message.id
            if peer not in self._greeted:
                raise ProtocolError("a HELLO comes first")
            return pack_reply(self._run(network, message, received_at_s))
        except ProtocolError as error:
            self.counts["refused"] += 1
            return pack_fault(Fault(number, str(error)))

    def _greet(self, network: Network, peer: bytes, hello: Notice) -> list[Buffer]:
        if hello.text != network.identity:
            self.counts["refused"] += 1
            return pack_notice(REFUSED, f"this server holds {network.identity}")
        self._greeted[peer] = None
        self._greeted.move_to_end(peer)
        while len(self._greeted) > _MAX_EDGES:
            self._greeted.popitem(last=False)
        return pack_notice(WELCOME, self._clock_id)

    def _run(self, network: Network, request: Request, received_at_s: float) -> Reply:
        started_s = perf_counter()
        array = make_codec(request.payload.codec).decode(request.payload)
        decoded_s = perf_counter()
        logits = behind_cut(network, request.cut, array)
        computed_s = perf_counter()
        classes = predict(logits)
        self.counts["answered"] += 1
        replied_at_s = perf_counter()
        return Reply(
            id=request.id,
            classes=classes,
            decode_s=decoded_s - started_s,
            tail_s=computed_s - decoded_s,
            server_s=replied_at_s - received_at_s,
            received_at_s=received_at_s,
            replied_at_s=replied_at_s,
            logits=flatten_logits(logits).data.cast("B") if request.want_logits else None,
        )
