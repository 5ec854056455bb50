"""A device that was measured: seconds of every stage, as tables over the size of its work.

All numbers are medians, in seconds. `testbed device measure` writes such a file.
"""

from bisect import bisect_left
from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from testbed.codecs import CODECS
from testbed.codecs.codec import DTYPES, Content
from testbed.config.section import Section

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Points = tuple[tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], Seconds], ...]
Basis = Literal["measured", "published", "inferred"]


def _grows(points: Points) -> Points:
    sizes = [size for size, _ in points]
    if not sizes or sizes != sorted(set(sizes)) or not sizes[-1]:
        raise ValueError("allowed: at least one [size, value], sizes growing, the last above 0")
    return points


Curve = Annotated[Points, AfterValidator(_grows)]
"""(size, seconds), sizes growing; `at` reads between them."""


def at(curve: Points, size: float) -> float:
    """Seconds at a size: linear between two points, beyond the last in proportion to the size.

    Below the first the first one's, for what is fixed is most of it there.
    """
    place = bisect_left(curve, (size,))
    if place == 0:
        return curve[0][1]
    size_before, before_s = curve[place - 1]
    if place == len(curve):
        return before_s * size / size_before
    size_after, after_s = curve[place]
    return before_s + (after_s - before_s) * (size - size_before) / (size_after - size_before)


class CodecCosts(Section):
    """Over the bytes of the array that is coded, as the codec gives it back."""

    encode: Curve
    decode: Curve


class ResizeCosts(Section):
    """Of a camera image to a network's input: so much, and for each pixel of either.

    Shrinking reads every pixel of the source, enlarging computes every pixel of the target in a
    way of its own (`data.camera.resampling`).
    """

    fixed_s: Seconds
    per_source_px_s: Seconds
    per_target_px_s: Seconds


class HeadCosts(Section):
    """Of all task heads: so much a task, and over their weights together."""

    per_task_s: Seconds
    by_weights: Curve


class BackboneCosts(Section):
    """input_px: sides of the square inputs, growing. blocks: seconds of each block at each."""

    input_px: Annotated[tuple[int, ...], Field(min_length=1)]
    blocks: Annotated[dict[str, tuple[Seconds, ...]], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        if list(self.input_px) != sorted(set(self.input_px)):
            raise ValueError("input_px: allowed: sizes that grow")
        for name, taken_s in self.blocks.items():
            if len(taken_s) != len(self.input_px):
                raise ValueError(
                    f"{name}: found {len(taken_s)} values, allowed: {len(self.input_px)}"
                )
        return self

    def block_s(self, name: str, input_px: int) -> float:
        """One block at an input of that side; sizes go by pixels."""
        sizes = [float(side * side) for side in self.input_px]
        return at(tuple(zip(sizes, self.blocks[name], strict=True)), input_px * input_px)


class MeasuredFile(Section):
    """A device measured by its own clock.

    spread: (share, factor): at that quantile a stage takes its median times the factor. networks:
    whole classifiers, name -> (side of the input, seconds), with which published figures compare.
    interpolation: how far the tables are off where they were not measured, in words.
    """

    name: str
    description: str
    kind: Literal["measured"]
    threads: Annotated[int, Field(ge=1)]
    source: str
    environment: dict[str, Any]
    interpolation: str = ""
    spread: Curve
    resize: ResizeCosts
    heads: HeadCosts
    transport: Curve
    codecs: Mapping[str, CodecCosts]
    backbones: Annotated[dict[str, BackboneCosts], Field(min_length=1)]
    networks: Mapping[str, Curve] = {}
    power_w: Mapping[str, float] = {}

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if missing := sorted(CODECS.keys() - self.codecs.keys()):
            raise ValueError(f"codecs: {missing[0]} missing, allowed: {', '.join(CODECS)}")
        if self.spread[0][0] != 0 or self.spread[-1][0] != 1:
            raise ValueError("spread: allowed: shares from 0 to 1")
        return self


def decoded_bytes(codec: str, shape: tuple[int, ...]) -> int:
    """Bytes of what a codec gives back."""
    content: Content = CODECS[codec].content
    return prod(shape) * DTYPES[content].itemsize
