"""What a queue policy is: parameters, and what they make of a queue.

A policy is a frozen dataclass. Each field has a default and a unit at the end of its name (`_s`
seconds, `_bytes`, `_bps`; none: a plain number), and its constructor raises SpecError for a value
that makes no sense.
"""

from typing import Protocol


class Manager(Protocol):
    """Decides about one queue, packet by packet, as each gets to its head."""

    def drops(self, now_s: float, waited_s: float, behind_bytes: int) -> bool:
        """Whether the packet that would be served now is dropped; if so, the next is asked about.

        waited_s: since when it is in the queue. behind_bytes: what waits behind it.
        """
        ...


class QueuePolicy(Protocol):
    """What is done about a queue beside dropping what comes while it is full."""

    def manager(self) -> Manager | None:
        """A new one, for a new queue; None where packets are never dropped from its head."""
        ...

    def tc(self) -> tuple[str, ...] | None:
        """The queueing discipline of Linux that does this, as tc(8) takes it, less its limit.

        Empty where a plain queue does. None where Linux has none.
        """
        ...
