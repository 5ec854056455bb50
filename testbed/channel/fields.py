"""What the fields of messages may be; msgspec checks it as it reads. NaN is no time."""

from typing import Annotated

from msgspec import Meta

from testbed.lifecycle.messages import MAX_FRAME_BYTES

MAX_TEXT = 256

Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Number = Annotated[int, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=2**30)]
"""Durations, and times on a monotonic clock: no machine has been up for 34 years. What is larger
could be measured by nobody, and sums of it overflow."""
Shape = Annotated[tuple[Annotated[int, Meta(ge=1, le=MAX_FRAME_BYTES)], ...], Meta(max_length=4)]
Class = Annotated[int, Meta(ge=0, lt=2**31)]
Classes = Annotated[tuple[Class, ...], Meta(max_length=64)]
