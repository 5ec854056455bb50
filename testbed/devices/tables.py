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
from testbed.devices.power import Power

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Points = tuple[tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], Seconds], ...]


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
    """Of a camera image to a network's input.

    by_target: side of the input in pixels -> (pixels of the camera image, seconds). Shrinking and
    enlarging are done in different ways (`data.camera.resampling`), so no line fits both.
    """

    by_target: Annotated[dict[int, Curve], Field(min_length=1)]

    def resize_s(self, image_px: int, input_px: int) -> float:
        """image_px: pixels of the camera image. input_px: side of the square it becomes."""
        sides = sorted(self.by_target)
        points = ((float(side * side), at(self.by_target[side], image_px)) for side in sides)
        return at(tuple(points), input_px * input_px)


class BackboneCosts(Section):
    """One backbone and the heads behind it.

    input_px: sides of the square inputs, growing. blocks: seconds of each block at each. heads:
    over the weights of all task heads together, and `head_s` more for each task.
    """

    input_px: Annotated[tuple[int, ...], Field(min_length=1)]
    blocks: Annotated[dict[str, tuple[Seconds, ...]], Field(min_length=1)]
    heads: Curve
    head_s: Seconds

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

    def heads_s(self, tasks: int, weights: int) -> float:
        """All heads together."""
        return self.head_s * tasks + at(self.heads, weights)


class MeasuredFile(Section):
    """A device measured by its own clock.

    spread: (share, factor): at that quantile a stage takes its median times the factor. networks:
    whole classifiers, name -> (side of the input, seconds), with which published figures compare.
    interpolation_off: how far a table is
    off at one of its sizes when it is left out, as a share, at most: of each backbone, of resizing.
    """

    name: str
    description: str
    kind: Literal["measured"]
    threads: Annotated[int, Field(ge=1)]
    source: str
    environment: dict[str, Any]
    interpolation_off: Mapping[str, float] = {}
    spread: Curve
    resize: ResizeCosts
    transport: Curve
    codecs: Mapping[str, CodecCosts]
    backbones: Annotated[dict[str, BackboneCosts], Field(min_length=1)]
    networks: Mapping[str, Curve] = {}
    power_w: Power | None = None

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
