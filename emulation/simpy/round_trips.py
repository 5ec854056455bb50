"""How long a sender waits before it takes silence for loss (RFC 6298, RFC 8985, Linux)."""

FIRST_RTO_S = 1.0
RTO_FLOOR_S = 0.2
LONGEST_RTO_S = 120.0
DELAYED_ACK_S = 0.2
"""What Linux grants a receiver that may sit on its acknowledgement of a lone segment."""
REORDERING_SHARE = 0.25


class RoundTrips:
    """The smoothed round trip of one connection and the timers that follow from it."""

    def __init__(self, first_s: float) -> None:
        """first_s: the handshake's round trip, seconds."""
        self._smoothed_s = first_s
        self._variation_s = first_s / 2

    def sample(self, round_trip_s: float) -> None:
        """RFC 6298, section 2.3: gains of 1/8 and 1/4."""
        self._variation_s += (abs(round_trip_s - self._smoothed_s) - self._variation_s) / 4
        self._smoothed_s += (round_trip_s - self._smoothed_s) / 8

    def reordering_s(self) -> float:
        """How long a later acknowledgement may be mere reordering (RACK's window)."""
        return self._smoothed_s * REORDERING_SHARE

    def probe_timeout_s(self, lone_segment: bool) -> float:
        """Silence after which the tail is probed (RFC 8985, section 7.2)."""
        return 2 * self._smoothed_s + (DELAYED_ACK_S if lone_segment else 0.0)

    def retransmission_timeout_s(self, doublings: int) -> float:
        """Silence after which the oldest hole is sent again; Linux's floor is on the variation."""
        timeout_s = self._smoothed_s + max(RTO_FLOOR_S, 4 * self._variation_s)
        return min(LONGEST_RTO_S, timeout_s * 2.0**doublings)
