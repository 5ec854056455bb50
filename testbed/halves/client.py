"""The edge's end of the connection: hello, requests out, replies in, and word of a gone server.

Nothing the network sends raises out of here: what is not a reply of ours is counted in `strays`.
"""

from collections import Counter
from dataclasses import dataclass
from time import perf_counter, sleep

import zmq
from zmq.utils.monitor import recv_monitor_message

from testbed.errors import BadInput, PeerLost, ProtocolError
from testbed.halves.clock import clock_id
from testbed.halves.transport import make_edge_socket, receive, send
from testbed.halves.wire import (
    HELLO,
    REFUSED,
    WELCOME,
    Buffer,
    Fault,
    Notice,
    Reply,
    Request,
    pack_notice,
    pack_request,
    unpack,
)

_LIVENESS_CHECK_S = 0.1
_FINE_WAIT_S = 0.004
"""ZeroMQ's timeouts come up to two milliseconds late; the end of a wait is waited out without."""
_FINE_STEP_S = 0.0005


@dataclass(frozen=True, slots=True)
class Arrival:
    """A reply, or the server's word that it could not; when it came (edge clock), and its size."""

    message: Reply | Fault
    at_s: float
    size_bytes: int


class Client:
    """One connection to a server half."""

    def __init__(self, address: str) -> None:
        """Start connecting to a ZeroMQ address. Raises BadInput for what is no address."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = make_edge_socket(self._context)
        self._monitor = self._socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._receive_timeout_ms = -2
        self._address = address
        self.connected = True
        self.shared_clock = False
        self.strays: Counter[str] = Counter()
        try:
            self._socket.connect(address)
        except zmq.ZMQError as error:
            self.close()
            raise BadInput(
                f"--server {address}: {error}, allowed: an address such as tcp://192.0.2.7:5555"
            ) from None

    def hello(self, identity: str, timeout_s: float) -> None:
        """Agree on protocol version and model before anything else.

        Raises PeerLost when nobody answers, or the server holds another model or version.
        """
        send(self._socket, *pack_notice(HELLO, identity))
        if not self._socket.poll(int(timeout_s * 1000)):
            raise PeerLost(f"no server half answers at {self._address} within {timeout_s:g} s")
        try:
            answer = unpack(receive(self._socket))
        except ProtocolError as error:
            raise PeerLost(f"{self._address} is no server half of ours: {error}") from None
        if isinstance(answer, Fault):
            raise PeerLost(f"the server half refused: {answer.reason}")
        if isinstance(answer, Notice) and answer.kind == REFUSED:
            raise PeerLost(f"the halves hold different models: {answer.text}, here {identity}")
        if not isinstance(answer, Notice) or answer.kind != WELCOME:
            raise PeerLost(f"{self._address} did not answer the hello with a welcome")
        self.shared_clock = answer.text == clock_id()

    def submit(self, request: Request) -> bool:
        """Hand a request to the transport; False when it takes no more, or the server is gone."""
        if not self.connected:
            return False
        try:
            send(self._socket, *pack_request(request))
        except zmq.Again:
            return False
        return True

    def receive(self, until_s: float) -> Arrival | None:
        """The next reply, or None when `until_s` (edge clock) comes first or the server is gone."""
        while self.connected:
            left_s = until_s - perf_counter()
            if left_s <= 0:
                return self._take_waiting()
            self._set_timeout_ms(max(1, int(min(left_s, _LIVENESS_CHECK_S) * 1000)))
            try:
                frames = receive(self._socket)
            except zmq.Again:
                self._watch_server()
                continue
            arrival = self._understand(frames, perf_counter())
            if arrival is not None:
                return arrival
        return None

    def wait(self, until_s: float) -> list[Arrival]:
        """Let time pass until `until_s` exactly, taking replies as they come."""
        taken: list[Arrival] = []
        while (left_s := until_s - perf_counter()) > 0:
            if left_s <= _FINE_STEP_S:  # too short to look for a reply as well
                continue
            if not self.connected:
                sleep(left_s)
                arrival = self._take_waiting()
            elif left_s > _FINE_WAIT_S:
                arrival = self.receive(until_s - _FINE_WAIT_S)
            else:
                sleep(_FINE_STEP_S / 5)
                arrival = self._take_waiting()
            if arrival is not None:
                taken.append(arrival)
        return taken

    def close(self) -> None:
        """Release the sockets at once; unsent messages are dropped."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
        self._socket.close(linger=0)
        self._context.term()

    def _take_waiting(self) -> Arrival | None:
        try:
            frames = receive(self._socket, zmq.DONTWAIT)
        except zmq.Again:
            return None
        return self._understand(frames, perf_counter())

    def _understand(self, frames: list[Buffer], at_s: float) -> Arrival | None:
        try:
            message = unpack(frames)
        except ProtocolError:
            self.strays["malformed"] += 1
            return None
        if isinstance(message, Reply | Fault):
            return Arrival(message, at_s, sum(map(len, frames)))
        self.strays["unexpected"] += 1
        return None

    def _set_timeout_ms(self, timeout_ms: int) -> None:
        if timeout_ms != self._receive_timeout_ms:
            self._socket.setsockopt(zmq.RCVTIMEO, timeout_ms)
            self._receive_timeout_ms = timeout_ms

    def _watch_server(self) -> None:
        while self._monitor.poll(0):
            recv_monitor_message(self._monitor)
            self.connected = False
