"""How many bytes the link carried for each request."""

from collections.abc import Callable

from testbed.results.record import RequestRecord

Metered = tuple[int, int]
"""IP bytes sent up and received down so far."""


def counting_wire(
    read: Callable[[], Metered | None], ended: Callable[[RequestRecord], None]
) -> Callable[[RequestRecord], None]:
    """`ended`, but each record is given first what the link has carried since the one before.

    These sum to what the link carried; neighbours blur when requests overlap. read: the meter,
    which may know nothing. Nothing here counts into a latency.
    """
    before = read()

    def count(record: RequestRecord) -> None:
        nonlocal before
        now = read()
        if now is not None and before is not None:
            record.wire_up_bytes = now[0] - before[0]
            record.wire_down_bytes = now[1] - before[1]
        before = now
        ended(record)

    return count
