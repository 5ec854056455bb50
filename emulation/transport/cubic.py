"""CUBIC with HyStart, as Linux runs it, a whole train at a time.

Sources: RFC 9438 (CUBIC); S. Ha and I. Rhee, "Taming the Elephants: New TCP Slow Start" (HyStart);
Linux net/ipv4/tcp_cubic.c with its default parameters.
"""

from math import ceil, inf
from typing import ClassVar

from emulation.transport.congestion import Acks, Reno

SCALE = 41 / 1024 * 10
"""C of the cubic, in segments/s^3: bic_scale 41, at a nominal round trip of 100 ms."""
LEAST_EACH = 2
"""The window never grows faster than by one segment for every two acknowledged."""
BLIND_EACH = 20
"""Nor slower than by 5 % a round trip while no loss has shown where its limit lies."""
FRIENDLY = 15 / 8
"""Acknowledged windows for one more segment of the Reno-like estimate: beta_scale / 8."""

HYSTART_WINDOW = 16
HYSTART_SAMPLES = 9
"""The ninth sample of a round is the first that is judged by."""
HYSTART_GAP_S = 2e-3
HYSTART_SLACK_S = 1e-3
HYSTART_DELAY_S = (4e-3, 16e-3)
BLIND_AFTER_LOSS_S = 1.0


class Cubic(Reno):
    """Slow start until HyStart or a loss ends it, then the cubic; 0.7 of it after a loss."""

    BETA: ClassVar[float] = 717 / 1024

    def __init__(self, rtt_s: float) -> None:
        super().__init__(rtt_s)
        self._least_rtt_s = inf
        self._found = False
        self._epoch_s: float | None = None
        self._last_maximum = self._origin = 0
        self._friendly = self._k_s = 0.0

    def begin(self, idle_s: float, rto_s: float) -> None:
        """Silence does not count as time on the cubic."""
        if self._epoch_s is not None:
            self._epoch_s += max(0.0, idle_s)
        super().begin(idle_s, rto_s)

    def timed_out(self) -> None:
        """Forget the last maximum, and let HyStart look again."""
        super().timed_out()
        self._least_rtt_s, self._found = inf, False
        self._last_maximum = 0

    def _slow_start(self, segments: int, acks: Acks) -> int:
        if self._epoch_s is None or acks.at_s - self._epoch_s >= BLIND_AFTER_LOSS_S:
            self._least_rtt_s = min(self._least_rtt_s, acks.rtt_s)
            if not self._found:
                self._look_for_the_end(acks)
        return super()._slow_start(segments, acks)

    def _look_for_the_end(self, acks: Acks) -> None:
        """HyStart: end slow start in mid-train if the train is long, or was delayed from its head.

        Judged are acknowledgements from the one that brings the window to 16; a train is followed
        while their gaps are short, and counts as long from half the least round trip on.
        """
        total = acks.segments // acks.each
        limit = inf if acks.full else 2 * acks.flight
        if min(limit, self.window + acks.segments) < HYSTART_WINDOW:
            return
        before = max(0, ceil((HYSTART_WINDOW - self.window) / acks.each))
        least_s = self._least_rtt_s
        found = inf
        low_s, high_s = HYSTART_DELAY_S
        if acks.rtt_s + before * acks.rtt_step_s > least_s + min(max(least_s / 8, low_s), high_s):
            found = before + HYSTART_SAMPLES
        if acks.gap_s * max(1, before) <= HYSTART_GAP_S and acks.gap_s > 0:
            found = min(found, ceil((least_s + HYSTART_SLACK_S) / 2 / acks.gap_s))
        if found <= total:
            self._found = True
            self.threshold = int(min(limit, self.window + found * acks.each))

    def _avoid(self, segments: int, acks: Acks) -> None:
        """Grow toward where the cubic will be a round trip from now, or Reno would be.

        One step for all acknowledgements of the train, as if they came at the middle of it.
        """
        window = self.window
        if self._epoch_s is None:
            self._epoch_s = acks.at_s
            self._friendly = float(window)
            self._origin = max(window, self._last_maximum)
            self._k_s = ((self._origin - window) / SCALE) ** (1 / 3)
        least_s = self._least_rtt_s if self._least_rtt_s < inf else acks.rtt_s
        elapsed_s = acks.at_s + acks.gap_s * (segments / acks.each) / 2 - self._epoch_s + least_s
        target = self._origin + int(SCALE * (elapsed_s - self._k_s) ** 3)
        each = window // (target - window) if target > window else 100 * window
        if not self._last_maximum and each > BLIND_EACH:
            each = BLIND_EACH
        self._friendly += segments / (FRIENDLY * window)
        self._increase(segments, max(each, LEAST_EACH))
        friendly = int(self._friendly)
        if friendly > self.window:
            self.window = friendly
            self._counted = 0

    def _reduce(self) -> None:
        """With fast convergence: a maximum below the last one leaves room for others."""
        window = self.window
        shrinks = window < self._last_maximum
        self._last_maximum = int(window * (1 + self.BETA) / 2) if shrinks else window
        self._epoch_s = None
        super()._reduce()
