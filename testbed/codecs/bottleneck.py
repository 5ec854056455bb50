"""`bottleneck`: features as a few channels that were learned for one cut, 8 bits a value.

A linear map to fewer channels on the edge, the same for each place (a 1 x 1 convolution), and one
back at the server; in between whole steps as `int8` has them. Matsubara et al., "BottleFit", 2022
(arXiv 2201.02693), put a bottleneck into a network; here the network stays as it is.
`testbed train --bottleneck` learns both maps; they lie in the weights' file as codec tables.
"""

from collections.abc import Mapping
from math import prod
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from testbed.codecs.affine import Steps, steps_between
from testbed.codecs.codec import Array, Options, Shape
from testbed.codecs.features import Transform
from testbed.codecs.fp16 import Fp16
from testbed.codecs.tables import HasTables, tables_of
from testbed.errors import BadInput

MOST = 255
_AS_FP16, _LEARNED = 0, 1
"""First byte: what has no steps (infinities, NaN) goes as float16."""


class Maps(NamedTuple):
    """squeeze: (K, C); expand: (C, K); bias: (C,), added behind it. steps: of the K channels."""

    squeeze: NDArray[np.float32]
    expand: NDArray[np.float32]
    bias: NDArray[np.float32]
    steps: Steps

    @classmethod
    def of(cls, tables: Mapping[str, NDArray[Any]]) -> Self:
        """From a codec's tables. Raises KeyError where one is missing."""
        steps = steps_between(tables["low"], tables["high"], MOST)
        return cls(tables["squeeze"], tables["expand"], tables["bias"], steps)


class Bottleneck(Transform):
    """A mark, then the values of one channel after the other."""

    name, lossless, learned = "bottleneck", False, True

    def __init__(self, maps: Maps) -> None:
        self._maps = maps

    @classmethod
    def make(cls, options: Options, network: HasTables, cut: str) -> Self:
        """Raises BadInput where nothing was learned for that cut."""
        tables = tables_of(network, cls.name, cut)
        try:
            return cls(Maps.of(tables))
        except KeyError:
            known = sorted({name.split("/")[1] for name in network.tables if cls.name in name})
            raise BadInput(
                f"codec {cls.name}: found none in the network's file for {cut}, "
                f"allowed: {', '.join(known) or 'none'} (`testbed train --bottleneck` learns one)"
            ) from None

    def sizes(self, shape: Shape) -> tuple[int, ...]:
        """As float16, and as learned."""
        return 1 + 2 * prod(shape), 1 + len(self._maps.squeeze) * prod(shape[2:])

    def _encode(self, array: Array) -> memoryview:
        self._check(array.shape)
        if not np.isfinite(array).all():
            return memoryview(bytes([_AS_FP16]) + bytes(Fp16()._encode(array)))
        places = array.reshape(array.shape[1], -1)
        # Not by matrix product: BLAS would start threads, beside halves whose time is measured.
        few = np.einsum("kc,cp->kp", self._maps.squeeze, places)
        step, zero = (part[:, None] for part in self._maps.steps)
        whole = (np.rint(few / step) + zero).clip(0, MOST).astype(np.uint8)
        return memoryview(bytes([_LEARNED]) + whole.tobytes())

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        self._check(shape)
        if data[0] == _AS_FP16:
            return Fp16()._decode(data[1:], shape)
        expected = self.sizes(shape)[1]
        if data[0] != _LEARNED or data.nbytes != expected:
            raise ValueError(f"allowed: {expected} bytes")
        few = np.frombuffer(data[1:], np.uint8).reshape(len(self._maps.squeeze), -1)
        step, zero = (part[:, None] for part in self._maps.steps)
        values = (few.astype(np.float32) - zero.astype(np.float32)) * step
        places = np.einsum("ck,kp->cp", self._maps.expand, values) + self._maps.bias[:, None]
        return np.asarray(places.reshape(shape), np.float32)

    @staticmethod
    def rehearsal(channels: int, few: int, cut: str) -> dict[str, NDArray[Any]]:
        """Tables that mean nothing, to see how long coding takes."""
        random = np.random.default_rng(0)
        squeeze = random.standard_normal((few, channels)).astype(np.float32)
        tables: dict[str, NDArray[Any]] = {
            "squeeze": squeeze,
            "expand": np.ascontiguousarray(squeeze.T / channels),
            "bias": np.zeros(channels, np.float32),
            "low": np.full(few, -100, np.float32),
            "high": np.full(few, 100, np.float32),
        }
        return {f"{Bottleneck.name}/{cut}/{name}": table for name, table in tables.items()}

    def _check(self, shape: Shape) -> None:
        channels = self._maps.squeeze.shape[1]
        if len(shape) < 2 or shape[:2] != (1, channels):
            raise ValueError(f"allowed: (1, {channels}, ...)")
