"""The two ZeroMQ sockets, set up alike: bounded frames, nothing lingering, no silent reconnects."""

import zmq

from testbed.halves.wire import MAX_FRAME_BYTES, Buffer

COPY_BELOW_BYTES = 16_384
"""Below this, copying a frame is cheaper than tracking it."""
HANDSHAKE_TIMEOUT_MS = 10_000


def make_server_socket(context: zmq.Context[zmq.Socket[bytes]]) -> zmq.Socket[bytes]:
    """ROUTER that drops peers whose frames are too large and does not block on a gone one."""
    return _bounded(context.socket(zmq.ROUTER))


def make_edge_socket(context: zmq.Context[zmq.Socket[bytes]]) -> zmq.Socket[bytes]:
    """DEALER with the same bounds; a full queue raises zmq.Again instead of blocking."""
    socket = _bounded(context.socket(zmq.DEALER))
    socket.setsockopt(zmq.SNDTIMEO, 0)
    return socket


def _bounded(socket: zmq.Socket[bytes]) -> zmq.Socket[bytes]:
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.MAXMSGSIZE, MAX_FRAME_BYTES)
    socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_TIMEOUT_MS)
    return socket


def send(socket: zmq.Socket[bytes], *frames: Buffer) -> None:
    """One message; large buffers go without being copied."""
    *first, last = frames
    for frame in first:
        socket.send(frame, zmq.SNDMORE)
    socket.send(last, 0, len(last) < COPY_BELOW_BYTES)


def receive(socket: zmq.Socket[bytes], flags: int = 0) -> list[Buffer]:
    """The frames of one message, large ones without being copied. Raises zmq.Again.

    pyzmq's recv_multipart does the same in twice the time.
    """
    frames: list[Buffer] = []
    while True:
        frame = socket.recv(flags, copy=False)
        frames.append(frame.bytes if len(frame) < COPY_BELOW_BYTES else frame.buffer)
        if not frame.more:
            return frames
