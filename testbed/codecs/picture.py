"""Image formats by Pillow, which is imported when an image is coded and no earlier."""

import io
from abc import abstractmethod
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from testbed.codecs.codec import Array, Codec, Options, Shape


class Quality(Options):
    """quality: from 1, smallest, to 100, closest to the original; what it means is the format's."""

    quality: Annotated[int, Field(ge=1, le=100)] = 90


class Picture(Codec):
    """An RGB image in the Pillow format `pillow_format`, saved with the options by their names."""

    content = "image"
    pillow_format: ClassVar[str]

    def __init__(self, **saved_with: Any) -> None:
        """saved_with: what Pillow's writer of the format takes."""
        self._saved_with = saved_with

    @abstractmethod
    def _check(self, data: bytes, shape: Shape) -> None:
        """Raise ValueError for bytes that are cut off, or that cost too much before Pillow knows.

        Of the size Pillow knows before it decodes a pixel; what it does in a format's opening is
        for that format to bound.
        """

    def _encode(self, array: Array) -> memoryview:
        from PIL import Image

        stream = io.BytesIO()
        Image.fromarray(array).save(stream, self.pillow_format, **self._saved_with)
        return stream.getbuffer()

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        """Opening reads the header alone; pixels come with their conversion to an array."""
        from PIL import Image

        content = bytes(data)
        self._check(content, shape)
        with Image.open(io.BytesIO(content), formats=(self.pillow_format,)) as image:
            if (image.height, image.width) != shape[:2] or image.mode != "RGB":
                raise ValueError(f"found {image.height}x{image.width} {image.mode}")
            return np.asarray(image)
