"""What this machine's kernel and iproute2 can do for the netem backend: found by trying.

Asking for modules by name would miss those that are built in and believe those that do not load.
"""

import platform
import re
from functools import cache

from emulation.errors import CommandFailed
from emulation.host import netns, shell
from emulation.spec import LinkSpec

REDIRECTION = """\
qdisc add dev lo handle ffff: ingress
filter add dev lo parent ffff: matchall action mirred egress redirect dev lo
"""
ATTEMPTS = (
    ("sch_netem", ("tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"), ""),
    ("ifb", ("ip", "link", "add", "ifb-try", "type", "ifb"), ""),
    ("sch_ingress, cls_matchall or act_mirred", ("tc", "-batch", "-"), REDIRECTION),
)
"""Kernel modules, the command that needs them, and its standard input."""
QUEUE = """\
qdisc add dev lo root handle 1: tbf rate 1mbit burst 1600 limit 1600
qdisc add dev lo parent 1:1 {kind}
"""
SEEDING = """\
qdisc add dev lo root netem seed 12345
qdisc show dev lo
"""
_VERSION = re.compile(r"iproute2-([\w.]+)")


@cache
def missing() -> str | None:
    """None when netem works here, else one line on what is missing and how to get it.

    Tried in network namespaces that end with the command; asked once per process.
    """
    why = shell.missing_program("tc") or shell.missing_program("unshare") or netns.missing()
    if why is not None:
        return why
    for modules, argv, text in ATTEMPTS:
        if _apart(argv, text) is None:
            return (
                f"kernel {platform.release()} has no {modules}: modprobe it as root, "
                "or boot a kernel that ships it (Debian: linux-image-amd64)"
            )
    return None


def missing_queue(spec: LinkSpec) -> str | None:
    """None when this kernel has the queues `spec` asks for, else which one it has not."""
    for lane in (spec.uplink, spec.downlink):
        for kind in (lane.queue_policy.tc() or ())[:1]:
            if _apart(("tc", "-batch", "-"), QUEUE.format(kind=kind)) is None:
                return f"kernel {platform.release()} has no sch_tbf or sch_{kind}: modprobe them"
    return None


@cache
def iproute2_version() -> str:
    """Such as "6.1.0". Raises LinkUnavailable without tc."""
    found = _VERSION.search(shell.run(("tc", "-V")))
    return found[1] if found else "unknown"


@cache
def takes_seed() -> bool:
    """Whether tc and the kernel know `netem seed` (both since 6.6); asked once per process.

    An older kernel ignores what it does not know, so the seed is read back.
    """
    return "seed 12345" in (_apart(("tc", "-batch", "-"), SEEDING) or "")


def _apart(argv: tuple[str, ...], input_text: str) -> str | None:
    """What a command says in a network namespace that ends with it; None where it fails."""
    unshare = ("unshare", "-n") if netns.privileged() else ("unshare", "-Urn")
    try:
        return shell.run((*unshare, *argv), input_text=input_text)
    except CommandFailed:
        return None
