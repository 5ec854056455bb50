"""`fp16+zstd`: features in half precision, compressed by Zstandard (RFC 8878) at its default level.

Without a transform before it: putting high and low bytes apart saved nothing on trained features.
"""

from math import prod

import zstandard

from testbed.codecs.codec import Array, Shape
from testbed.codecs.fp16 import Fp16

LEVEL = 3
WINDOW_BYTES = 8 * 1024 * 1024
"""A frame that refers further back is none of ours: at this level zstd looks back 2 MiB."""


class Fp16Zstd(Fp16):
    """As `fp16`, and never more than a few bytes longer."""

    name = "fp16+zstd"

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(LEVEL, write_checksum=True)
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES)

    def _encode(self, array: Array) -> memoryview:
        return memoryview(self._compressor.compress(super()._encode(array)))

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        """The frame says how much it holds, which is what gets allocated."""
        expected, found = prod(shape) * self.on_wire.itemsize, zstandard.frame_content_size(data)
        if found != expected:
            raise ValueError(f"holds {found} bytes, allowed: {expected}")
        plain = self._decompressor.decompress(data, allow_extra_data=False)
        return super()._decode(memoryview(plain), shape)
