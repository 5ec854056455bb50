"""The array's own memory, little-endian, in a type of fixed size; without copying where it can."""

from math import prod
from typing import Any, ClassVar

import numpy as np

from testbed.codecs.codec import DTYPES, Array, Codec, Shape


class Plain(Codec):
    """Values one after the other in C order, each as `on_wire`."""

    on_wire: ClassVar[np.dtype[Any]]

    def sizes(self, shape: Shape) -> tuple[int, ...]:
        """How many bytes an array of that shape becomes: only so many."""
        return (prod(shape) * self.on_wire.itemsize,)

    def _encode(self, array: Array) -> memoryview:
        if array.dtype != self.on_wire:
            with np.errstate(over="ignore"):  # what a smaller type cannot hold becomes infinite
                array = array.astype(self.on_wire)
        wire = np.ascontiguousarray(array)
        return wire.reshape(-1).view(np.uint8).data

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        (expected,) = self.sizes(shape)
        if data.nbytes != expected:
            raise ValueError(f"allowed: {expected} bytes")
        wire = np.frombuffer(data, dtype=self.on_wire).reshape(shape)
        return wire.astype(DTYPES[self.content], copy=False)
