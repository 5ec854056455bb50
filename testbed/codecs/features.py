"""Feature codecs: a transform to bytes, and behind it a coder or none, such as `int8+zstd`."""

from abc import abstractmethod
from typing import ClassVar, Self

from testbed.codecs.codec import Array, Codec, Options, Shape
from testbed.codecs.coders import Coder, Sizes
from testbed.codecs.tables import HasTables


class Transform(Codec):
    """A feature codec of its own, and the first half of those with a coder behind it."""

    content = "features"

    @abstractmethod
    def sizes(self, shape: Shape) -> Sizes:
        """How many bytes an array of that shape may become."""


class Coded(Codec):
    """A transform, and a coder behind it."""

    content = "features"
    transform: ClassVar[type[Transform]]
    coder: ClassVar[type[Coder]]

    def __init__(self, transform: Transform, coder: Coder) -> None:
        self._transform, self._coder = transform, coder

    @classmethod
    def make(cls, options: Options, network: HasTables, cut: str) -> Self:
        """Both halves, each with what was learned of the transform at that cut."""
        transform = cls.transform.make(options, network, cut)
        return cls(transform, cls.coder.make(cls.transform.name, network, cut))

    def _encode(self, array: Array) -> memoryview:
        return self._coder.pack(self._transform._encode(array))

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        plain = self._coder.unpack(data, self._transform.sizes(shape))
        return self._transform._decode(plain, shape)


def with_coder(transform: type[Transform], coder: type[Coder]) -> type[Coded]:
    """`fp16` and `zstd` to `fp16+zstd`, with the transform's options."""
    name = f"{transform.name}+{coder.name}"
    described = {
        "__doc__": f"`{transform.name}`, and `{coder.name}` behind it.",
        "name": name,
        "lossless": transform.lossless,
        "learned": transform.learned,
        "options": transform.options,
        "transform": transform,
        "coder": coder,
    }
    return type(name, (Coded,), described)
