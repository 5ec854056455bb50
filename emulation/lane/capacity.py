"""How many bytes a lane could have served by a given time, and the inverse.

Serving packets one after another is adding sizes on this axis, and what waits is a difference on
it; that holds for a constant rate, with outages, and for a trace of delivery opportunities alike.
Times are seconds since the lane was opened.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import ceil
from typing import TypeAlias

from emulation.spec import LaneSpec, Outage
from emulation.trace import DELIVERY_BYTES, HEADER_BYTES, RateTrace

UNLIMITED_BYTES_PER_S = 1e12 / 8
"""Stands for no limit where a number is needed: a full packet takes 12 ns."""


class RateWithOutages:
    """A constant rate that stands still during outages."""

    header_bytes = 0
    """What each packet costs on top of its own size."""

    def __init__(self, rate_bps: float | None, outages: Sequence[Outage]) -> None:
        self._bytes_per_s = UNLIMITED_BYTES_PER_S if rate_bps is None else rate_bps / 8
        self._starts, self._ends = _merged(outages)
        lengths = [end - start for start, end in zip(self._starts, self._ends, strict=True)]
        self._lost_before = [0.0, *accumulate(lengths)]
        self._working_starts = [
            start - lost for start, lost in zip(self._starts, self._lost_before, strict=False)
        ]

    def bytes_by(self, time_s: float) -> float:
        """Bytes that could have been served by `time_s`, had there always been some waiting."""
        begun = bisect_right(self._starts, time_s)
        lost = self._lost_before[begun]
        if begun and time_s < self._ends[begun - 1]:
            lost -= self._ends[begun - 1] - time_s
        return (time_s - lost) * self._bytes_per_s

    def time_of(self, position_bytes: float) -> float:
        """When the byte at this position has been served: after every outage begun before."""
        working_s = position_bytes / self._bytes_per_s
        return working_s + self._lost_before[bisect_left(self._working_starts, working_s)]


class TraceCapacity:
    """Mahimahi's law: every opportunity carries up to 1504 bytes, of one packet or of several.

    Bytes of an opportunity that nobody waits for are gone. A packet counts with the 4 bytes of
    TUN header it has inside mm-link, so that a full IP packet is exactly one opportunity.

    offset_s: where in the trace the lane is opened, to the nearest millisecond.
    """

    header_bytes = HEADER_BYTES

    def __init__(self, trace: RateTrace, outages: Sequence[Outage], offset_s: float = 0.0) -> None:
        self._delivery_ms = trace.delivery_ms
        self._period_ms = trace.period_ms
        self._offset_ms = round(offset_s * 1000) % trace.period_ms
        self._passed = bisect_left(trace.delivery_ms, self._offset_ms)
        self._skips: list[tuple[int, int]] = []
        for outage in zip(*_merged(outages), strict=True):  # deliveries lie on whole milliseconds
            first, end = (max(0, self._opportunities_by(time_s - 1e-6)) for time_s in outage)
            self._skips.append((first, end - first))

    def bytes_by(self, time_s: float) -> float:
        """Opportunities so far, less those that fell into an outage."""
        count = self._opportunities_by(time_s)
        missed = sum(min(missed, max(0, count - first)) for first, missed in self._skips)
        return (count - missed) * DELIVERY_BYTES

    def time_of(self, position_bytes: float) -> float:
        """The time of the opportunity that carries this byte."""
        index = ceil(position_bytes / DELIVERY_BYTES) - 1
        for first, missed in self._skips:
            if index >= first:
                index += missed
        passes, within = divmod(index + self._passed, len(self._delivery_ms))
        return (passes * self._period_ms + self._delivery_ms[within] - self._offset_ms) / 1000

    def _opportunities_by(self, time_s: float) -> int:
        """Opportunities at or before `time_s`; a nanosecond of slack for binary fractions."""
        passes, within_ms = divmod(time_s * 1000 + self._offset_ms + 1e-6, self._period_ms)
        count = int(passes) * len(self._delivery_ms) + bisect_right(self._delivery_ms, within_ms)
        return count - self._passed


Capacity: TypeAlias = RateWithOutages | TraceCapacity


def capacity_of(spec: LaneSpec) -> Capacity | None:
    """The capacity `spec` describes; None where a plain constant rate (or none) says it all."""
    if spec.trace is not None:
        return TraceCapacity(spec.trace, spec.outages, spec.trace_offset_s)
    return RateWithOutages(spec.rate_bps, spec.outages) if spec.outages else None


def _merged(outages: Sequence[Outage]) -> tuple[list[float], list[float]]:
    """Start and end times of the outages in order, overlapping ones made one."""
    starts: list[float] = []
    ends: list[float] = []
    for outage in sorted(outages, key=lambda outage: outage.start_s):
        end_s = outage.start_s + outage.duration_s
        if ends and outage.start_s <= ends[-1]:
            ends[-1] = max(ends[-1], end_s)
        else:
            starts.append(outage.start_s)
            ends.append(end_s)
    return starts, ends
