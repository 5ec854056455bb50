"""`webp`: lossy WebP by libwebp, one VP8 key frame (RFC 9649, RFC 6386)."""

from testbed.codecs.codec import Shape
from testbed.codecs.picture import Picture, Quality

RIFF_HEADER_BYTES = 8
SIDE_MASK = 0x3FFF


class Webp(Picture):
    """Smaller than JPEG of the same look, and slower to make."""

    name, lossless = "webp", False
    options = Quality
    pillow_format = "WEBP"

    def _check(self, data: bytes, shape: Shape) -> None:
        """Pillow takes memory for two canvases when it opens a file, so the frame is asked first.

        Other kinds of WebP (lossless, animated, with metadata) are none of ours.
        """
        if len(data) != RIFF_HEADER_BYTES + int.from_bytes(data[4:8], "little"):
            raise ValueError("truncated")
        if data[8:16] != b"WEBPVP8 ":
            raise ValueError("no simple lossy WebP")
        width, height = (int.from_bytes(data[at : at + 2], "little") for at in (26, 28))
        if (height & SIDE_MASK, width & SIDE_MASK) != shape[:2]:
            raise ValueError(f"found {height & SIDE_MASK}x{width & SIDE_MASK}")
