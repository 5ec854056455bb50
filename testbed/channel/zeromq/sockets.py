"""A ZeroMQ socket with bounds: frames, what lingers, handshakes, and waits that end on time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from time import perf_counter

import zmq

from emulation.host.alarm import Alarm
from testbed.errors import BadInput
from testbed.lifecycle.messages import Buffer

COPY_BELOW_BYTES = 16_384
"""Below this, copying a frame is cheaper than tracking it."""
FINE_WAIT_S = 0.004
"""ZeroMQ's timeouts come up to two milliseconds late; the end of a wait is waited out without."""
MOST_FRAMES = 4
"""Frames kept of a message: the sender's name, which a ROUTER puts first, the two that any message
of ours has at most, and one that shows that there were more."""
_EVENTS, _READABLE = int(zmq.EVENTS), int(zmq.POLLIN)


def bounded(
    socket: zmq.Socket[bytes], address: str, frame_bytes: int, handshake_s: float
) -> zmq.Socket[bytes]:
    """The socket, for an address of either IP version.

    frame_bytes: at most of each frame. handshake_s: at most, until both ends may talk.
    """
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.IPV6, "[" in address)
    socket.setsockopt(zmq.MAXMSGSIZE, frame_bytes)
    socket.setsockopt(zmq.HANDSHAKE_IVL, ceil(handshake_s * 1000))
    return socket


class Inbox:
    """Waits for messages until an exact moment: for most of the time in ZeroMQ, then beside it."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self._socket = socket
        self._timeout_ms = -2
        self._alarm = Alarm()
        self._descriptors = (int(socket.getsockopt(zmq.FD)),)

    def receive(self, until_s: float) -> list[zmq.Frame] | None:
        """The frames of the next message; None at `until_s`."""
        left_s = until_s - perf_counter()
        if left_s > FINE_WAIT_S:
            self._set_timeout_ms(int((left_s - FINE_WAIT_S / 2) * 1000))
            if (frames := _receive(self._socket)) is not None:
                return frames
        return self._receive_beside(until_s)

    def _receive_beside(self, until_s: float) -> list[zmq.Frame] | None:
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


@contextmanager
def refusing(close: Callable[[], None], asked: str, allowed: str) -> Iterator[None]:
    """Close, and raise BadInput, where ZeroMQ does not take the address that was asked for."""
    try:
        yield
    except zmq.ZMQError as error:
        close()
        raise BadInput(f"{asked}: {error}, allowed: {allowed}") from None


def send_frames(socket: zmq.Socket[bytes], *frames: Buffer) -> None:
    """One message; large buffers go without being copied."""
    *first, last = frames
    for frame in first:
        socket.send(frame, zmq.SNDMORE)
    socket.send(last, 0, len(last) < COPY_BELOW_BYTES)


def _receive(socket: zmq.Socket[bytes], flags: int = 0) -> list[zmq.Frame] | None:
    """The first frames of one message, and the others taken as well; None when none comes in time.

    pyzmq's recv_multipart does the same in twice the time, and without a bound.
    """
    frames: list[zmq.Frame] = []
    more = True
    try:
        while more:
            frame = socket.recv(flags, copy=False)
            more = frame.more
            if len(frames) < MOST_FRAMES:
                frames.append(frame)
    except zmq.Again:
        return None
    return frames


def content_of(frame: zmq.Frame) -> Buffer:
    """What is in it; without copying where it is large."""
    return frame.bytes if len(frame) < COPY_BELOW_BYTES else frame.buffer
