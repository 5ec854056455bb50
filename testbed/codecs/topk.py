"""`topk`: only the values furthest from 0 are sent, as float16, and where they are; the rest is 0.

As gradients are sparsified (Aji & Heafield, "Sparse Communication for Distributed Gradient
Descent", 2017); features after a ReLU are sparse by themselves.
"""

import struct
import zlib
from math import ceil, prod
from typing import Annotated

import numpy as np
from pydantic import Field

from testbed.codecs.codec import DTYPES, Array, Options, Shape
from testbed.codecs.features import Transform
from testbed.codecs.fp16 import Fp16

_CHECKSUM = struct.Struct("<I")


class TopKOptions(Options):
    """keep: how many of 100 values are sent; infinities and NaN always are."""

    keep: Annotated[int, Field(ge=1, le=100)] = 10


class TopK(Transform):
    """A CRC-32, a bit a value that says which are there (numpy.packbits), and these."""

    name, lossless = "topk", False
    options = TopKOptions

    def __init__(self, keep: int) -> None:
        self._keep = keep

    def sizes(self, shape: Shape) -> range:
        """From none kept to all of them."""
        count = prod(shape)
        least = _CHECKSUM.size + ceil(count / 8)
        return range(least, least + 2 * count + 1)

    def _encode(self, array: Array) -> memoryview:
        values = array.reshape(-1)
        kept = ~np.isfinite(values)
        wanted = ceil(values.size * self._keep / 100) - int(kept.sum())
        if wanted > 0:
            size = np.where(kept, 0, np.abs(values))
            furthest = np.argpartition(size, values.size - wanted)[-wanted:]
            kept[furthest[size[furthest] > 0]] = True
        body = np.packbits(kept).tobytes() + bytes(Fp16()._encode(values[kept]))
        return memoryview(_CHECKSUM.pack(zlib.crc32(body)) + body)

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        count = prod(shape)
        checksum, body = _CHECKSUM.unpack_from(data)[0], data[_CHECKSUM.size :]
        if zlib.crc32(body) != checksum:
            raise ValueError("its checksum is another")
        bits, values = body[: ceil(count / 8)], body[ceil(count / 8) :]
        kept = np.unpackbits(np.frombuffer(bits, np.uint8), count=count).astype(bool)
        array = np.zeros(count, DTYPES[self.content])
        array[kept] = Fp16()._decode(values, (int(kept.sum()),))
        return array.reshape(shape)
