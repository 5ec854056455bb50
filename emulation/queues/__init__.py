"""What may be done about a queue in front of a bottleneck: one file each, named here.

Every queue has a limit, and drops what comes while it is full; that is all of `drop_tail.py`. To
add a policy, write its module and name it in `POLICIES`: the key is its name in scenarios, its
fields are its keys there. A policy is a frozen dataclass. Each field has a default and a unit at
the end of its name (`_s` seconds, `_bytes`, `_bps`; none: a plain number), and its constructor
raises SpecError for a value that makes no sense.
"""

from collections.abc import Mapping
from typing import Protocol

from emulation.queues.codel import CoDel
from emulation.queues.drop_tail import DropTail


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


POLICIES: Mapping[str, type[QueuePolicy]] = {"drop_tail": DropTail, "codel": CoDel}


def name_of(policy: QueuePolicy) -> str:
    """What scenarios call this kind of policy."""
    return next(name for name, kind in POLICIES.items() if type(policy) is kind)
