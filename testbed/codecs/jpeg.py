"""`jpeg`: baseline JPEG by libjpeg-turbo, colour at half the resolution (4:2:0)."""

from testbed.codecs.codec import Shape
from testbed.codecs.picture import Picture, Quality

START_OF_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
MAX_SCANS = 4
"""A baseline image has one. Hundreds of empty ones, each as dear as the image, fit into a few
kilobytes (libjpeg-turbo's "Two Issues with the JPEG Standard")."""


class Jpeg(Picture):
    """What cameras send."""

    name, lossless = "jpeg", False
    options = Quality
    pillow_format = "JPEG"

    def _check(self, data: bytes, shape: Shape) -> None:
        if data.count(START_OF_SCAN) > MAX_SCANS:
            raise ValueError(f"more than {MAX_SCANS} scans")
        if not data.endswith(END_OF_IMAGE):
            raise ValueError("truncated")
