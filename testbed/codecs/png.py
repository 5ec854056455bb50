"""`png`: every pixel as it was (W3C PNG, third edition), deflated at Pillow's usual level."""

from testbed.codecs.codec import Shape
from testbed.codecs.picture import Picture

END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
"""The last chunk: no content, its name, its checksum."""


class Png(Picture):
    """The baseline for images that may not change."""

    name, lossless = "png", True
    pillow_format = "PNG"

    def _check(self, data: bytes, shape: Shape) -> None:
        if not data.endswith(END):
            raise ValueError("truncated")
