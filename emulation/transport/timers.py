"""The round trip a sender believes in, and the timers that follow from it.

Sources: RFC 6298 (retransmission timer), RFC 8985 (RACK-TLP); Linux net/ipv4/tcp_input.c
(`tcp_rtt_estimator`), tcp_output.c (`tcp_schedule_loss_probe`), tcp_recovery.c and
kernel/time/timer.c.
"""

from math import ceil

RTO_MIN_S = 0.2
RTO_MAX_S = 120.0
SYN_TIMEOUT_S = 1.0
SYN_TRIES = 7
"""RFC 6298, section 2.1, and Linux's tcp_syn_retries: 1 + 6 tries, the wait doubling."""
DELAYED_ACK_S = 0.04
"""Linux's TCP_DELACK_MIN: how long a lone segment waits for its acknowledgement."""
TIMER_SLACK_S = 2e-3
"""Linux's TCP_TIMEOUT_MIN_US, added to short timers."""
JIFFY_S = 4e-3
"""A kernel of 250 ticks a second, as Debian's and Ubuntu's are."""
WHEEL_LEVEL = 64
"""Jiffies of a level of the timer wheel; each further level is 8 times as coarse."""


class RoundTrips:
    """Smoothed round trip, its variation (as Linux keeps it: times 4) and its minimum, seconds."""

    __slots__ = ("_deviation_s", "least_s", "smoothed_s", "variation_s")

    def __init__(self, first_s: float) -> None:
        """first_s: what the handshake took."""
        self.smoothed_s = self.least_s = first_s
        self._deviation_s = 2 * first_s
        self.variation_s = max(RTO_MIN_S, 2 * first_s)

    def train(self, acks: int, first_s: float, step_s: float) -> None:
        """Take `acks` samples that start at `first_s` and grow by `step_s`: RFC 6298, in one go.

        With a gain of 1/8 the mean trails a ramp by seven steps; what it was before fades.
        """
        self.least_s = min(self.least_s, first_s)
        faded = 0.875**acks
        behind_s = self.smoothed_s - first_s
        last_s = first_s + (acks - 1) * step_s
        trail_s = 7 * step_s
        self.smoothed_s = last_s - trail_s + faded * (behind_s + step_s + trail_s)
        settled_s = 32 * step_s
        if behind_s < 0:
            settled_s = max(settled_s, -4 * behind_s * (0.75 ** min(acks, 8)))
        self._deviation_s += (settled_s - self._deviation_s) * (1 - 0.75**acks)
        peak_s = max(RTO_MIN_S, self._deviation_s)
        if peak_s >= self.variation_s:
            self.variation_s = peak_s
        else:
            self.variation_s += (peak_s - self.variation_s) / 4

    def rto_s(self) -> float:
        """The retransmission timeout."""
        rto_s = self.smoothed_s + self.variation_s
        return rto_s if rto_s < RTO_MAX_S else RTO_MAX_S

    def probe_s(self, lone: bool) -> float:
        """Silence after which the tail is probed. A lone segment waits for the whole RTO."""
        return self.rto_s() if lone else min(2 * self.smoothed_s + TIMER_SLACK_S, self.rto_s())

    def reordering_s(self) -> float:
        """How long a hole below fewer than three SACKed segments may be mere reordering."""
        return min(self.least_s / 4, self.smoothed_s) + TIMER_SLACK_S


def fires_s(started_s: float, timeout_s: float) -> float:
    """When a timer set for `timeout_s` really fires: at a whole jiffy, far ones at every eighth."""
    first = started_s / JIFFY_S
    jiffies = ceil(timeout_s / JIFFY_S)
    grain, level = 1, WHEEL_LEVEL
    while jiffies >= level - 1:
        grain, level = grain * 8, level * 8
    due = int(first) + jiffies
    return max(started_s, (due // grain + 1) * grain * JIFFY_S)
