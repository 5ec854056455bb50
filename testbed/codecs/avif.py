"""`avif`: AV1's still pictures (AVIF 1.1) by libavif, on one thread, at Pillow's usual speed."""

from typing import Any

from testbed.codecs.codec import Array, Shape
from testbed.codecs.picture import Picture, Quality

BOXES = [b"ftyp", b"meta", b"mdat"]
THREADS = 1
"""The halves compute on one thread unless a scenario says otherwise; so does libavif."""


class Avif(Picture):
    """The smallest of all, and by far the slowest to make.

    A file may hold a frame of another size than it announces: libavif then decodes up to 2**28
    pixels and scales them, which is the most that one payload costs.
    """

    name, lossless = "avif", False
    options = Quality
    pillow_format = "AVIF"

    def __init__(self, **saved_with: Any) -> None:
        """saved_with: what Pillow's writer of the format takes."""
        super().__init__(max_threads=THREADS, **saved_with)

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
        return super()._decode(data, shape)

    def _check(self, data: bytes, shape: Shape) -> None:
        """Its boxes (ISO/IEC 14496-12: each begins with its length and name) fill the file."""
        start, names = 0, list[bytes]()
        while start < len(data) and len(names) < len(BOXES):
            names.append(data[start + 4 : start + 8])
            start += int.from_bytes(data[start : start + 4], "big")
        if names != BOXES or start != len(data):
            raise ValueError("truncated, or no single picture")
