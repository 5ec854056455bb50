"""Channels over ZeroMQ: bounded frames, nothing lingering, no silent reconnects."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, sleep

import zmq
from zmq.utils.monitor import recv_monitor_message

from emulation.host.alarm import Alarm
from testbed.channel import Frames
from testbed.errors import BadInput
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Buffer

COPY_BELOW_BYTES = 16_384
"""Below this, copying a frame is cheaper than tracking it."""
HANDSHAKE_TIMEOUT_MS = 10_000
LIVENESS_CHECK_S = 0.1
FINE_WAIT_S = 0.004
"""ZeroMQ's timeouts come up to two milliseconds late; the end of a wait is waited out without."""
_EVENTS, _READABLE = int(zmq.EVENTS), int(zmq.POLLIN)


class ZeroMqEdge:
    """A DEALER; an `EdgeChannel`."""

    def __init__(self, address: str) -> None:
        """Start connecting to a ZeroMQ address. Raises BadInput for what is no address."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = _bounded(self._context.socket(zmq.DEALER))
        self._socket.setsockopt(zmq.SNDTIMEO, 0)
        self._monitor = self._socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._inbox = _Inbox(self._socket)
        self.address = address
        self.connected = True
        with _refusing(self, f"--server {address}", "an address such as tcp://192.0.2.7:5555"):
            self._socket.connect(address)

    def send(self, frames: Frames) -> bool:
        """Large buffers go without being copied; False when the queue is full."""
        try:
            _send(self._socket, *frames)
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
            if (frames := self._inbox.receive(look_s)) is not None or look_s == until_s:
                return frames
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
            recv_monitor_message(self._monitor)
            self.connected = False


class ZeroMqServer:
    """A ROUTER that drops peers whose frames are too large; a `ServerChannel`."""

    def __init__(self, address: str) -> None:
        """Bind to an address such as tcp://127.0.0.1:* . Raises BadInput where it cannot be had."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = _bounded(self._context.socket(zmq.ROUTER))
        self._inbox = _Inbox(self._socket)
        with _refusing(self, f"--bind {address}", "a free address such as tcp://127.0.0.1:5555"):
            self._socket.bind(address)
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def receive(self, until_s: float) -> tuple[bytes, Frames] | None:
        """See `ServerChannel`."""
        received = self._inbox.receive(until_s)
        if received is None:
            return None
        peer, *frames = received
        return bytes(peer), frames

    def send(self, peer: bytes, frames: Frames) -> None:
        """ROUTER drops what goes to a gone peer."""
        _send(self._socket, peer, *frames)

    def close(self) -> None:
        """Release the socket at once."""
        self._socket.close(linger=0)
        self._context.term()


class _Inbox:
    """Waits for messages until an exact moment: for most of the time in ZeroMQ, then beside it."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        self._timeout_ms = -2
        self._alarm = Alarm()
        self._descriptors = (int(socket.getsockopt(zmq.FD)),)

    def receive(self, until_s: float) -> list[Buffer] | None:
        """The frames of the next message; None at `until_s`."""
        left_s = until_s - perf_counter()
        if left_s > FINE_WAIT_S:
            self._set_timeout_ms(int((left_s - FINE_WAIT_S / 2) * 1000))
            if (frames := _receive(self._socket)) is not None:
                return frames
        return self._receive_beside(until_s)

    def _receive_beside(self, until_s: float) -> list[Buffer] | None:
        """The same by the socket's descriptor, which says only that something has changed.

        So each wait comes after a look that found nothing (zmq_getsockopt(3) on ZMQ_FD).
        """
        while True:
            if int(self._socket.getsockopt(_EVENTS)) & _READABLE:  # cheaper than a try that fails
                frames = _receive(self._socket, zmq.DONTWAIT)
                if frames is not None:
                    return frames
            if perf_counter() >= until_s:
                return None
            self._alarm.wait(until_s, self._descriptors)

    def _set_timeout_ms(self, timeout_ms: int) -> None:
        if timeout_ms != self._timeout_ms:
            self._socket.setsockopt(zmq.RCVTIMEO, timeout_ms)
            self._timeout_ms = timeout_ms


def _bounded(socket: zmq.Socket[bytes]) -> zmq.Socket[bytes]:
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.MAXMSGSIZE, MAX_FRAME_BYTES)
    socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_TIMEOUT_MS)
    return socket


@contextmanager
def _refusing(channel: ZeroMqEdge | ZeroMqServer, asked: str, allowed: str) -> Iterator[None]:
    """Close the channel and raise BadInput where ZeroMQ does not take the address."""
    try:
        yield
    except zmq.ZMQError as error:
        channel.close()
        raise BadInput(f"{asked}: {error}, allowed: {allowed}") from None


def _send(socket: zmq.Socket[bytes], *frames: Buffer) -> None:
    """One message; large buffers go without being copied."""
    *first, last = frames
    for frame in first:
        socket.send(frame, zmq.SNDMORE)
    socket.send(last, 0, len(last) < COPY_BELOW_BYTES)


def _receive(socket: zmq.Socket[bytes], flags: int = 0) -> list[Buffer] | None:
    """The frames of one message, large ones without being copied; None when none comes in time.

    pyzmq's recv_multipart does the same in twice the time.
    """
    frames: list[Buffer] = []
    more = True
    try:
        while more:
            frame = socket.recv(flags, copy=False)
            frames.append(frame.bytes if len(frame) < COPY_BELOW_BYTES else frame.buffer)
            more = frame.more
    except zmq.Again:
        return None
    return frames
