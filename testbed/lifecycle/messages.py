"""What the halves say to each other about a request."""

from typing import NamedTuple

MAX_FRAME_BYTES = 256 * 1024 * 1024
"""Largest buffer either half accepts; one 2835x3543 camera image as float32 is 121 MB."""

MAX_REPLY_BYTES = 1024 * 1024
"""Largest buffer an edge accepts: class scores as float32, of a quarter of a million classes."""

Buffer = bytes | bytearray | memoryview


class Payload(NamedTuple):
    """An encoded tensor or image: which codec made it, the decoded shape, and one raw buffer."""

    codec: str
    shape: tuple[int, ...]
    buffer: Buffer


class Request(NamedTuple):
    """What the server is asked: run the blocks behind the cut of that name."""

    id: int
    cut: str
    payload: Payload
    want_logits: bool = False


class Reply(NamedTuple):
    """The server's answer: class index per task in the model's order, and its own durations.

    queue_s: from its arrival until its turn came. received_at_s (its arrival) and replied_at_s are
    on the server's monotonic clock; what lies between them is known everywhere, the moments only
    where the clock is shared. overruns: stages for which the server's host took longer than the
    device it stands for, and by how much in all; 0 where it stands for none.
    """

    id: int
    classes: tuple[int, ...]
    queue_s: float
    decode_s: float
    tail_s: float
    received_at_s: float
    replied_at_s: float
    overruns: int = 0
    overrun_s: float = 0.0
    logits: Buffer | None = None


class Fault(NamedTuple):
    """The server could not do what request `id` asked (-1: it could not even be read)."""

    id: int
    reason: str
