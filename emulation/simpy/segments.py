"""What a byte stream is on its way: segments out, acknowledgements back, and who receives them."""

from collections.abc import Callable

from emulation.simpy.carrier import Carrier

HEADER_BYTES = 52
"""IP (20) and TCP (20) with timestamps (12); an acknowledgement is nothing else."""
SEGMENTS_PER_ACK = 2


class Segment:
    """Bytes `start` to `start + length`; `order` counts transmissions of the stream.

    last: the sender had nothing more to send, so an acknowledgement is wanted at once.
    """

    __slots__ = ("last", "length", "order", "receiver", "start")

    def __init__(
        self, receiver: "Receiver", start: int, length: int, order: int, last: bool
    ) -> None:
        self.receiver = receiver
        self.start = start
        self.length = length
        self.order = order
        self.last = last

    def arrive(self) -> None:
        """At the far end."""
        self.receiver.receive(self)


class Ack:
    """Everything below `below` is there; `newest` is the latest transmission seen."""

    __slots__ = ("below", "newest", "sender")

    def __init__(self, sender: "Callable[[Ack], None]", below: int, newest: int) -> None:
        self.sender = sender
        self.below = below
        self.newest = newest

    def arrive(self) -> None:
        """Back at the near end."""
        self.sender(self)


class Receiver:
    """Puts segments in order and acknowledges them.

    delivered(below): everything below that has arrived. acknowledge(ack): it is back at the sender.
    """

    def __init__(
        self,
        forward: Carrier,
        reverse: Carrier,
        delivered: Callable[[int], None],
        acknowledge: Callable[[Ack], None],
    ) -> None:
        self.below = 0
        self._delivered = delivered
        self._acknowledge = acknowledge
        self._forward = forward
        self._reverse = reverse
        self._beyond: dict[int, int] = {}
        self._newest = 0
        self._unacknowledged = 0
        self._at_once = False
        self._settling = False

    def receive(self, segment: Segment) -> None:
        """Take one segment; what follows from it waits for the rest of the hand-over."""
        if segment.start == self.below:
            self.below += segment.length
            while self._beyond and self.below in self._beyond:
                self.below += self._beyond.pop(self.below)
        elif segment.start > self.below:
            self._beyond[segment.start] = segment.length
        else:  # a probe that was not needed
            self._at_once = True
        if segment.last or self._beyond:
            self._at_once = True
        self._newest = max(self._newest, segment.order)
        self._unacknowledged += 1
        if not self._settling:
            self._settling = True
            self._forward.settle_after(self._settle)

    def _settle(self) -> None:
        """Pass on what is in order, then acknowledge."""
        self._settling = False
        self._delivered(self.below)
        acks, odd = divmod(self._unacknowledged, SEGMENTS_PER_ACK)
        if self._at_once:
            acks, odd = (self._unacknowledged if self._beyond else acks + odd), 0
        self._unacknowledged, self._at_once = odd, False
        ack = Ack(self._acknowledge, self.below, self._newest)
        arrivals = [self._reverse.send(HEADER_BYTES, ack, prompt=False) for _ in range(acks)]
        crossing = [arrival_s for arrival_s in arrivals if arrival_s is not None]
        if crossing:
            self._reverse.wake(crossing[-1])
