"""The edge's end of a connection over ZeroMQ: nothing lingers, no silent reconnects."""

from time import perf_counter, sleep

import zmq
from zmq.utils.monitor import recv_monitor_message

from testbed.channel import HOST_S, READ_AHEAD, Frames
from testbed.channel.door import bytes_received
from testbed.channel.zeromq.curve import EdgeKeys
from testbed.channel.zeromq.sockets import (
    Inbox,
    bounded,
    content_of,
    refusing,
    send_frames,
)
from testbed.lifecycle.messages import MAX_REPLY_BYTES

LIVENESS_CHECK_S = 0.1
_FAILED_HANDSHAKES = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)
NOT_ADMITTED = "did not admit this edge: its key is not among those of the clients listed there"
NO_KEYS = "ended the handshake: it is no server half, or wants keys (--keys DIR)"
OTHER_KEYS = "ended the handshake: it is no server half, or has no keys, or not that of server.key"


class ZeroMqEdge:
    """A DEALER; an `EdgeChannel`. It hears no more from a server whose frames are too large."""

    def __init__(
        self, address: str, keys: EdgeKeys | None = None, handshake_s: float = HOST_S
    ) -> None:
        """Start connecting to a ZeroMQ address. Raises BadInput for what is no address.

        keys: only the server that they name is talked to, and nobody on the way can read along.
        handshake_s: how long the handshake may take; by default where the link takes no time.
        """
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        dealer = self._context.socket(zmq.DEALER)
        self._socket = bounded(dealer, address, MAX_REPLY_BYTES, handshake_s)
        self._socket.setsockopt(zmq.SNDTIMEO, 0)
        self._socket.setsockopt(zmq.RCVHWM, READ_AHEAD)
        self._without = NO_KEYS if keys is None else OTHER_KEYS
        if keys is not None:
            self._socket.curve_publickey = keys.own.public
            self._socket.curve_secretkey = keys.own.secret
            self._socket.curve_serverkey = keys.server
        self._monitor = self._socket.get_monitor_socket(
            zmq.EVENT_CONNECTED | zmq.EVENT_DISCONNECTED | _FAILED_HANDSHAKES
        )
        self._inbox = Inbox(self._socket)
        self._descriptor: int | None = None
        self._heard, self._received = False, 0
        self.address = address
        self.connected, self.refusal = True, ""
        allowed = "an address such as tcp://192.0.2.7:5555"
        with refusing(self.close, f"--server {address}", allowed):
            self._socket.connect(address)

    def send(self, frames: Frames) -> bool:
        """Large buffers go without being copied; False when the queue is full."""
        try:
            send_frames(self._socket, *frames)
        except zmq.Again:
            return False
        return True

    def receive(self, until_s: float) -> Frames | None:
        """See `EdgeChannel`."""
        if not self.connected:
            sleep(max(0.0, until_s - perf_counter()))
            return None
        while True:
            look_s = min(until_s, perf_counter() + LIVENESS_CHECK_S)
            if (frames := self._inbox.receive(look_s)) is not None:
                self._heard = True
                return [content_of(frame) for frame in frames]
            if look_s == until_s:
                return None
            self._watch_server()
            if not self.connected:
                return None

    def close(self) -> None:
        """Release the sockets at once; unsent messages are dropped."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
        self._socket.close(linger=0)
        self._context.term()

    def _watch_server(self) -> None:
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)
            if event["event"] == zmq.EVENT_CONNECTED:
                self._descriptor = int(event["value"])
                continue
            self.connected = False
            if event["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                self.refusal = NOT_ADMITTED
            elif event["event"] & _FAILED_HANDSHAKES:
                self.refusal = self.refusal or self._without
        self._watch_message()

    def _watch_message(self) -> None:
        """A message that never ends is held by ZeroMQ, without a bound: such a server is given up.

        Called when nothing has come for a while, so what came since the last message is its part.
        """
        received = None if self._descriptor is None else bytes_received(self._descriptor)
        if self._heard or received is None:
            self._heard, self._received = False, received or 0
        elif received - self._received > 2 * MAX_REPLY_BYTES:
            self.connected = False
