"""CoDel: drop from the head when packets have waited too long for too long.

Source: RFC 8289, section 5 (its pseudocode, whose names are kept here in brackets). A queue is too
long when every packet for an interval has waited for the target or more; then one is dropped, and
further ones after interval / sqrt(count), until one has waited less. Nothing is dropped while a
full packet or less waits behind.
"""

from dataclasses import dataclass
from math import isfinite, sqrt

from emulation.errors import SpecError
from emulation.units import format_time

MAX_PACKET_BYTES = 1500
"""[MAXPACKET]"""
INTERVALS_REMEMBERED = 16
"""A queue too long again within so many intervals is dropped from at the rate that helped last."""


@dataclass(frozen=True, slots=True)
class CoDel:
    """Controlled delay (RFC 8289); the defaults are the RFC's."""

    target_s: float = 5e-3
    interval_s: float = 0.1

    def __post_init__(self) -> None:
        for name in ("target", "interval"):
            value_s = getattr(self, f"{name}_s")
            if not (isfinite(value_s) and value_s > 0):
                raise SpecError(f"codel.{name}: found {value_s:g} s, allowed: above 0")

    def manager(self) -> "CoDelManager":
        """Out of its dropping state."""
        return CoDelManager(self.target_s, self.interval_s)

    def tc(self) -> tuple[str, ...]:
        """tc-codel(8)."""
        times = ("target", format_time(self.target_s), "interval", format_time(self.interval_s))
        return ("codel", *times, "noecn")


class CoDelManager:
    """The state of one queue, asked about each packet at its head."""

    def __init__(self, target_s: float, interval_s: float) -> None:
        self._target_s = target_s
        self._interval_s = interval_s
        self._too_long_at_s: float | None = None
        self._dropping = False
        self._just_dropped = False
        self._drop_next_s = 0.0
        self._count = self._last_count = 0

    def drops(self, now_s: float, waited_s: float, behind_bytes: int) -> bool:
        """The RFC's `dequeue`, whose loops over several packets are asked one by one here."""
        just_dropped, self._just_dropped = self._just_dropped, False
        if not self._too_long(now_s, waited_s, behind_bytes):
            self._dropping = False
            return False
        if not self._dropping:
            self._begin(now_s)
            return True
        if just_dropped:
            self._drop_next_s = self._after(self._drop_next_s)
        if now_s < self._drop_next_s:
            return False
        self._count += 1
        self._just_dropped = True
        return True

    def _too_long(self, now_s: float, waited_s: float, behind_bytes: int) -> bool:
        """Whether packets have waited too long for an interval [dodequeue, first_above_time]."""
        if waited_s < self._target_s or behind_bytes <= MAX_PACKET_BYTES:
            self._too_long_at_s = None
            return False
        if self._too_long_at_s is None:
            self._too_long_at_s = now_s + self._interval_s
            return False
        return now_s >= self._too_long_at_s

    def _begin(self, now_s: float) -> None:
        """Drop the first one: soon again, if the last time is not long ago."""
        self._dropping = True
        more = self._count - self._last_count
        recent = now_s - self._drop_next_s < INTERVALS_REMEMBERED * self._interval_s
        self._count = self._last_count = more if more > 1 and recent else 1
        self._drop_next_s = self._after(now_s)

    def _after(self, then_s: float) -> float:
        """[control_law]"""
        return then_s + self._interval_s / sqrt(self._count)
