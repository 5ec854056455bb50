"""Tensors and images to bytes and back. To add a codec, write a class and name it in `CODECS`.

`encode` runs on the edge, `decode` on the server. A payload comes from the network: decode
checks that its bytes are what its shape says, and raises ProtocolError otherwise.
"""

import io
from collections.abc import Mapping
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from testbed.errors import ProtocolError
from testbed.lifecycle.messages import Payload

Array = NDArray[Any]

MAX_IMAGE_PIXELS = 64 * 1024 * 1024


class Codec(Protocol):
    """Bytes both ways. lossless: decode(encode(x)) is x, bit for bit."""

    lossless: bool

    def encode(self, array: Array) -> Payload:
        """The array as one raw buffer."""
        ...

    def decode(self, payload: Payload) -> Array:
        """The array again. Raises ProtocolError when the bytes are not what they claim."""
        ...


class PlainArray:
    """The array's own memory in a fixed little-endian type, without copying where it can."""

    def __init__(self, name: str, working: str, on_wire: str) -> None:
        self.name = name
        self._working = np.dtype(working)
        self._on_wire = np.dtype(on_wire)
        self.lossless = self._working == self._on_wire

    def encode(self, array: Array) -> Payload:
        """Array of the working type, any shape of up to 4 dimensions."""
        wire = np.ascontiguousarray(array, dtype=self._on_wire)
        return Payload(self.name, array.shape, wire.data.cast("B"))

    def decode(self, payload: Payload) -> Array:
        """The array in the working type. Raises ProtocolError on a length that does not fit."""
        expected = prod(payload.shape) * self._on_wire.itemsize
        if payload.size_bytes != expected:
            raise ProtocolError(f"{self.name}: {payload.size_bytes} bytes for {expected}")
        wire = np.frombuffer(payload.buffer, dtype=self._on_wire).reshape(payload.shape)
        return wire.astype(self._working, copy=False)


class Jpeg:
    """Baseline JPEG of an RGB image by Pillow (libjpeg-turbo), 4:2:0, at one quality."""

    lossless = False

    def __init__(self, quality: int) -> None:
        self._quality = quality

    def encode(self, array: Array) -> Payload:
        """uint8 HxWx3 to JPEG bytes."""
        from PIL import Image

        stream = io.BytesIO()
        Image.fromarray(array).save(stream, "JPEG", quality=self._quality)
        return Payload("jpeg", array.shape, stream.getbuffer())

    def decode(self, payload: Payload) -> Array:
        """uint8 HxWx3, its size checked before a pixel is decoded. Raises ProtocolError."""
        from PIL import Image

        try:
            with Image.open(io.BytesIO(payload.buffer), formats=("JPEG",)) as image:
                width, height = image.size
                if (height, width, 3) != payload.shape or width * height > MAX_IMAGE_PIXELS:
                    raise ProtocolError(f"jpeg: {width}x{height} for shape {payload.shape}")
                return np.asarray(image.convert("RGB"))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise ProtocolError(f"jpeg: cannot be decoded: {type(error).__name__}") from None


def make_codec(name: str, quality: int = 90) -> Codec:
    """The codec a scenario names. Raises ProtocolError for a name not in `DECODERS`."""
    if name == "jpeg":
        return Jpeg(quality)
    codec = DECODERS.get(name)
    if codec is None:
        raise ProtocolError(f"codec {name!r}, allowed: {', '.join(DECODERS)}")
    return codec


DECODERS: Mapping[str, Codec] = {
    "raw": PlainArray("raw", "u1", "u1"),
    "jpeg": Jpeg(90),
    "fp32": PlainArray("fp32", "<f4", "<f4"),
    "fp16": PlainArray("fp16", "<f4", "<f2"),
}
"""By the name a payload carries."""
