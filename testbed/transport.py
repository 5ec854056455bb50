"""The two ZeroMQ sockets, set up alike: bounded frames, nothing lingering, no silent reconnects."""

import zmq

from testbed.wire import MAX_FRAME_BYTES, Buffer

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


def send(socket: zmq.Socket[bytes], frames: list[Buffer]) -> None:
    """One message; large buffers go without being copied."""
    last = len(frames) - 1
    for position, frame in enumerate(frames):
        flags = zmq.SNDMORE if position < last else 0
        socket.send(frame, flags, copy=len(frame) < COPY_BELOW_BYTES)
