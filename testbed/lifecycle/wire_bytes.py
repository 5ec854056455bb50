"""How many bytes the link carried for each request."""

from collections.abc import Callable

from testbed.results.record import RequestRecord

Metered = tuple[int, int]
"""IP bytes sent up and received down so far."""


class WireBytes:
    """Gives each record what the link has carried since the one before ended.

    These sum to what the link carried; neighbours blur when requests overlap.
    """

    def __init__(self, read: Callable[[], Metered | None]) -> None:
        """read: the meter, which may know nothing."""
        self._read = read
        self._before = read()

    def count(self, record: RequestRecord) -> None:
        """A request has ended; nothing here counts into its latency."""
        now, before = self._read(), self._before
        self._before = now
        if now is not None and before is not None:
            record.wire_up_bytes = now[0] - before[0]
            record.wire_down_bytes = now[1] - before[1]
