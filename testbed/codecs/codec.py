"""What every codec is: bytes of an array and back, made for one network and one cut.

Edge and server each make their own from the same tables. Bytes come from the network: whatever is
wrong with them is a ProtocolError that names the codec, and what they say they hold is checked
before memory is taken for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from testbed.codecs.tables import HasTables
from testbed.errors import ProtocolError

Array = NDArray[Any]
Shape = tuple[int, ...]
Content = Literal["image", "features"]

DTYPES: Mapping[Content, np.dtype[Any]] = {"image": np.dtype("u1"), "features": np.dtype("f4")}
CHANNELS = 3
MAX_DECODED_BYTES = 256 * 1024 * 1024
"""Largest array that bytes may decode to; a camera's 8192x8192 image is 201 MB."""


class Options(BaseModel):
    """What a user may choose of a codec: keys beside `codec` in YAML. Each begins with a letter of
    its own, see `label`. Codecs of the same content share an option by inheriting it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    def label(self) -> str:
        """What names of results say of the options: `-q80`, first letter and value of each."""
        return "".join(f"-{name[0]}{value}" for name, value in self)


class Codec(ABC):
    """One way to code images (uint8 HxWx3, before the backbone) or features (float32, any shape).

    lossless: decoding gives the same bits. learned: it is nothing without tables, and codes only
    what is shaped as they are. Decoding may not depend on options: a payload says
    which codec made it, not how.
    """

    name: ClassVar[str]
    content: ClassVar[Content]
    lossless: ClassVar[bool]
    learned: ClassVar[bool] = False
    options: ClassVar[type[Options]] = Options

    @classmethod
    def make(cls, options: Options, network: HasTables, cut: str) -> Self:
        """A codec for what `network` has at `cut`; one with state reads it from the tables there.

        Raises BadInput when the network's file lacks what it needs.
        """
        return cls(**options.model_dump())

    def encode(self, array: Array) -> memoryview:
        """Bytes of an array of this content. Raises ProtocolError when the format cannot hold it.

        Where they are the array's own memory, they share it.
        """
        try:
            return self._encode(array)
        except Exception as error:  # Pillow and its libraries raise nearly everything
            raise self._refused(f"cannot encode {array.shape}", error) from error

    def decode(self, data: memoryview, shape: Shape) -> Array:
        """The array of that shape again. Raises ProtocolError for bytes that are no such array."""
        dtype = DTYPES[self.content]
        try:
            if self.content == "image" and (len(shape), shape[-1:]) != (3, (CHANNELS,)):
                raise ValueError("no image, which is HxWx3")
            if prod(shape) * dtype.itemsize > MAX_DECODED_BYTES:
                raise ValueError(f"allowed: {MAX_DECODED_BYTES} bytes")
            array = self._decode(data, shape)
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(f"found {array.dtype} {array.shape}")
        except Exception as error:  # Pillow and its libraries raise nearly everything
            raise self._refused(f"{data.nbytes} bytes for {shape}", error) from error
        return array

    def _refused(self, what: str, error: Exception) -> ProtocolError:
        return ProtocolError(f"{self.name}: {what}: {error or type(error).__name__}")

    @abstractmethod
    def _encode(self, array: Array) -> memoryview:
        """As `encode`; may raise anything."""

    @abstractmethod
    def _decode(self, data: memoryview, shape: Shape) -> Array:
        """As `decode`; may raise anything, but takes no memory for more than `shape`."""
