"""`int8` and `int4`: features as whole steps from a zero point, 8 or 4 bits a value.

Affine quantisation as Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", CVPR 2018: value = step * (q - zero), zero a whole number, so
that 0 stays 0 (after a ReLU most values are). What has no steps (infinities, NaN) goes as float16.
"""

from math import prod
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from testbed.codecs.codec import Array, Options, Shape
from testbed.codecs.features import Transform
from testbed.codecs.fp16 import Fp16
from testbed.codecs.tables import HasTables, tables_of
from testbed.errors import BadInput

Scale = Literal["own", "tensor", "channel"]
_MARKS: dict[Scale, int] = {"own": 1, "tensor": 2, "channel": 3}
"""First byte: where the steps come from."""
_AS_FP16 = 0


class AffineOptions(Options):
    """scale: the steps of each payload from its own least and largest value, or calibrated on
    training images and kept with the weights, for the whole tensor or each channel.
    """

    scale: Scale = "own"

    def label(self) -> str:
        """Its own scale goes without saying."""
        return "" if self.scale == "own" else f"-{self.scale}"


class Steps(NamedTuple):
    """value = step * (q - zero); one of each, or an array that fits the features."""

    step: NDArray[np.float32]
    zero: NDArray[np.uint8]


def steps_between(low: Array, high: Array, most: int) -> Steps:
    """Whole numbers 0..most for what lies between `low` and `high`, and 0 in any case."""
    low, high = np.minimum(low, 0).astype(float), np.maximum(high, 0).astype(float)
    step = ((high - low) / most).astype(np.float32)
    step = np.where(step > 0, step, np.float32(1))
    return Steps(step, np.rint(-low / step).astype(np.uint8))


class Affine(Transform):
    """One mark, then what the payload's own steps are where it has some, then the values."""

    options = AffineOptions
    lossless = False
    bits: ClassVar[int]

    def __init__(self, scale: Scale, calibrated: dict[Scale, Steps]) -> None:
        self._scale, self._calibrated = scale, calibrated

    @classmethod
    def make(cls, options: Options, network: HasTables, cut: str) -> Self:
        """Raises BadInput for a calibrated scale that the network's file has not."""
        scale: Scale = AffineOptions.model_validate(options.model_dump()).scale
        tables = tables_of(network, cls.name, cut)
        calibrated: dict[Scale, Steps] = {}
        if {"low", "high"} <= tables.keys():
            low, high, most = tables["low"], tables["high"], 2**cls.bits - 1
            calibrated = {
                "tensor": steps_between(low.min(), high.max(), most),
                "channel": steps_between(low, high, most),
            }
        if scale != "own" and scale not in calibrated:
            raise BadInput(
                f"codec {cls.name}: found scale {scale}, allowed: own (the network's file has no "
                f"calibration for {cut}; `testbed calibrate` adds it)"
            )
        return cls(scale, calibrated)

    def sizes(self, shape: Shape) -> tuple[int, ...]:
        """By the mark: as float16, with steps of its own, with calibrated ones."""
        count = prod(shape)
        packed = -(-count * self.bits // 8)
        return 1 + 2 * count, 6 + packed, 1 + packed

    def _encode(self, array: Array) -> memoryview:
        values = np.ascontiguousarray(array)
        if not np.isfinite(values).all():
            return memoryview(bytes([_AS_FP16]) + bytes(Fp16()._encode(values)))
        head = bytes([_MARKS[self._scale]])
        if self._scale == "own":
            low, high = (values.min(), values.max()) if values.size else (0.0, 0.0)
            steps = steps_between(np.asarray(low), np.asarray(high), 2**self.bits - 1)
            head += steps.step.astype("<f4").tobytes() + steps.zero.tobytes()
        else:
            steps = self._fitting(self._scale, values.shape)
        quantised = np.rint(values / steps.step) + steps.zero
        whole = quantised.clip(0, 2**self.bits - 1).astype(np.uint8)
        return memoryview(head + self._packed(whole.reshape(-1)).tobytes())

    def _decode(self, data: memoryview, shape: Shape) -> Array:
        mark, body = data[0], data[1:]
        if mark == _AS_FP16:
            return Fp16()._decode(body, shape)
        if mark == _MARKS["own"]:
            step, zero = np.frombuffer(body[:4], "<f4"), np.frombuffer(body[4:5], np.uint8)
            if not (np.isfinite(step).all() and (step > 0).all()):
                raise ValueError(f"found a step of {step}, allowed: above 0")
            steps, body = Steps(step.astype(np.float32).reshape(()), zero.reshape(())), body[5:]
        else:
            steps = self._fitting(_scale_of(mark), shape)
        count = prod(shape)
        expected = -(-count * self.bits // 8)
        if body.nbytes != expected:
            raise ValueError(f"allowed: {expected} bytes of values")
        whole = self._unpacked(np.frombuffer(body, np.uint8), count).reshape(shape)
        return (whole.astype(np.float32) - steps.zero.astype(np.float32)) * steps.step

    def _fitting(self, scale: Scale, shape: Shape) -> Steps:
        """Calibrated steps, as they multiply features (1, C, ...) of that shape."""
        if scale not in self._calibrated:
            raise ValueError(f"found scale {scale}, allowed: own (nothing was calibrated here)")
        steps = self._calibrated[scale]
        if scale == "tensor":
            return steps
        channels = len(steps.step)
        if len(shape) < 2 or shape[1] != channels:
            raise ValueError(f"allowed: {channels} channels")
        along = (1, channels, *(1 for _ in shape[2:]))
        return Steps(steps.step.reshape(along), steps.zero.reshape(along))

    @staticmethod
    def _packed(whole: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return whole

    @staticmethod
    def _unpacked(packed: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
        return packed


def _scale_of(mark: int) -> Scale:
    for scale, known in _MARKS.items():
        if mark == known:
            return scale
    raise ValueError(f"found mark {mark}, allowed: 0 to {max(_MARKS.values())}")


class Int8(Affine):
    """A byte a value."""

    name, bits = "int8", 8


class Int4(Affine):
    """Two values a byte, the first one in its lower half."""

    name, bits = "int4", 4

    @staticmethod
    def _packed(whole: NDArray[np.uint8]) -> NDArray[np.uint8]:
        packed = whole[::2].copy()
        packed[: whole.size // 2] |= whole[1::2] << 4
        return packed

    @staticmethod
    def _unpacked(packed: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
        return np.stack([packed & 15, packed >> 4], axis=-1).reshape(-1)[:count]
