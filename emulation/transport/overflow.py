"""Which segments of a train find the queue in front of the bottleneck full."""

from math import ceil

from emulation.transport.train_lane import Losses


def overflowed(room: int, segments: int, kept: float) -> Losses:
    """Positions dropped of a train, when `room` packets still fit into the queue as it begins.

    kept: how many are served from one segment of the train to the next: 0 when they come all at
    once, a half when they come at twice the rate of the bottleneck, as in slow start.
    """
    if segments <= room or kept >= 1:
        return []
    share = 1 - kept
    first = max(0, ceil((room - kept) / share)) if room > 0 else 0
    count = ceil((segments - first) * share)
    return [
        first + int(index / share)
        for index in range(count)
        if first + int(index / share) < segments
    ]


def outgrown(room: int, segments: int, replaced: int, each: int) -> Losses:
    """The same for a train that replaces `replaced` segments as these leave the queue.

    Only what the window has grown by can be too much: a burst of `each` and one, where room is for
    fewer.
    """
    excess = min(segments - replaced, each + 1 - room, segments - 1)
    last = segments - 1
    return list(range(last - excess, last)) if excess > 0 else []
