"""The server's end of connections over ZeroMQ, open to whom its door lets in."""

from collections import Counter

import zmq

from testbed.channel import HOST_S, Frames
from testbed.channel.door import Door
from testbed.channel.zeromq.curve import ServerKeys
from testbed.channel.zeromq.doorkeeper import Doorkeeper
from testbed.channel.zeromq.sockets import (
    MOST_FRAMES,
    Inbox,
    bounded,
    content_of,
    refusing,
    send_frames,
)
from testbed.lifecycle.messages import MAX_FRAME_BYTES

WAITING_FOR_SERVER = 8
"""Messages that ZeroMQ holds of one connection while the server is at work; the rest waits with its
sender."""


class ZeroMqServer:
    """A ROUTER that drops peers whose frames are too large; a `ServerChannel`."""

    def __init__(
        self,
        address: str,
        door: Door | None = None,
        keys: ServerKeys | None = None,
        handshake_s: float = HOST_S,
    ) -> None:
        """Bind to an address such as tcp://127.0.0.1:* . Raises BadInput where it cannot be had.

        door: bounds what peers may ask of this process; needed where others can reach the address.
        keys: with a door, who is let in, by CURVE; without, all are. handshake_s: see `ZeroMqEdge`.
        """
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        router = self._context.socket(zmq.ROUTER)
        self._socket = bounded(router, address, MAX_FRAME_BYTES, handshake_s)
        self._inbox = Inbox(self._socket)
        self._door, self._keeper = door, None
        self.counts: Counter[str] = Counter()
        if door is not None:
            self.counts = door.counts
            self._socket.setsockopt(zmq.RCVHWM, WAITING_FOR_SERVER)
            self._keeper = Doorkeeper(self._socket, door, keys)
        with refusing(
            self.close, f"--bind {address}", "a free address such as tcp://127.0.0.1:5555"
        ):
            self._socket.bind(address)
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def receive(self, until_s: float) -> tuple[bytes, Frames] | None:
        """See `ServerChannel`."""
        while (received := self._inbox.receive(until_s)) is not None:
            sender, *rest = received
            name, frames = sender.bytes, [content_of(frame) for frame in rest]
            if self._door is None or self._passes(self._door, name, sender, frames):
                return name, frames
        return None

    def send(self, peer: bytes, frames: Frames) -> None:
        """ROUTER drops what goes to a gone peer."""
        send_frames(self._socket, peer, *frames)

    def close(self) -> None:
        """Release the socket at once."""
        if self._keeper is not None:
            self._keeper.close()
        self._socket.close(linger=0)
        self._context.term()

    def _passes(self, door: Door, name: bytes, sender: zmq.Frame, frames: Frames) -> bool:
        """Whether a message is heard; one with too many frames still is, and is the last."""
        if not door.knows(name):
            descriptor, client = _told(sender, zmq.SRCFD), _whose(sender)
            if descriptor is None:  # speaks ZMTP of before 2013, without keys; stays a stranger
                self.counts["refused"] += 1
                return False
            if not door.greet(name, int(descriptor), client):
                return False
        door.gave(name, frames)
        if len(frames) >= MOST_FRAMES - 1:
            door.drop(name)
        return True


def _whose(frame: zmq.Frame) -> str:
    """The sender's key; without keys its IP address."""
    return str(_told(frame, "User-Id") or _told(frame, "Peer-Address") or "somebody")


def _told(frame: zmq.Frame, what: int | str) -> int | str | None:
    """What ZeroMQ says of where a frame is from; None where it does not know that."""
    try:
        return frame.get(what)
    except zmq.ZMQError:
        return None
