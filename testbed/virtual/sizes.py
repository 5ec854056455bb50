"""Bytes that messages put on the connection: header and payload as `wire.py` packs them, framed.

Framing: ZMTP 3.1 (rfc.zeromq.org/spec/37): a flag and a length before each frame, the length in one
byte up to 255, else in eight.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from testbed.halves.wire import pack_reply, pack_request
from testbed.lifecycle.messages import Payload, Reply, Request

FRAME_BYTES, LONG_FRAME_BYTES = 2, 9
LONGEST_SHORT_FRAME = 255
SHAPE = (720, 720, 3)
"""Stands for every shape in a header: others take up to 4 bytes less."""

Sizes = NDArray[np.int64]


def request_bytes(cut: str, codec: str | None, payload_bytes: Sizes) -> Sizes:
    """A request with each of these payloads, but for its number; 0 where nothing is sent."""
    if codec is None:
        return np.zeros_like(payload_bytes)
    header, _ = pack_request(Request(0, cut, Payload(codec, SHAPE, b"")))
    framing = np.where(payload_bytes > LONGEST_SHORT_FRAME, LONG_FRAME_BYTES, FRAME_BYTES)
    return FRAME_BYTES + len(header) - 1 + framing + payload_bytes


def reply_bytes(predictions: Mapping[str, Sequence[int]], rows: int) -> Sizes:
    """The header of each row's reply, but for its number; a reply is one short frame."""
    classes = zip(*predictions.values(), strict=True) if predictions else [()] * rows
    return np.asarray(
        [len(pack_reply(Reply(0, tuple(row), 0.0, 0.0, 0.0, 0.0, 0.0))[0]) - 1 for row in classes]
    )


def integer_bytes(numbers: NDArray[np.int64]) -> Sizes:
    """What a number from 0 takes in msgpack."""
    return np.select([numbers < 1 << 7, numbers < 1 << 8, numbers < 1 << 16], [1, 2, 3], 5)
