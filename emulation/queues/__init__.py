"""What may be done about a queue in front of a bottleneck: one file each, named here.

Every queue has a limit, and drops what comes while it is full; that is all of `drop_tail.py`, and
`policy.py` says what a policy may add. To add one, write its module and name it in `POLICIES`: the
key is its name in scenarios, its fields are its keys there.
"""

from collections.abc import Mapping

from emulation.queues.codel import CoDel
from emulation.queues.drop_tail import DropTail
from emulation.queues.policy import QueuePolicy

POLICIES: Mapping[str, type[QueuePolicy]] = {
    "drop_tail": DropTail,
    "codel": CoDel,
}


def name_of(policy: QueuePolicy) -> str:
    """What scenarios call this kind of policy."""
    return next(name for name, kind in POLICIES.items() if type(policy) is kind)
