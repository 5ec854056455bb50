"""What this machine's kernel and iproute2 can do for the netem backend: found by trying.

Asking for modules by name would miss those that are built in and believe those that do not load.
"""

import platform
import re
from functools import cache

from emulation import netns, shell
from emulation.errors import CommandFailed
from emulation.netns import Namespace

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
SEED = "12345"
_VERSION = re.compile(r"iproute2-([\w.]+)")


@cache
def missing() -> str | None:
    """None when netem works here, else one line on what is missing and how to get it.

    Tried in network namespaces that end with the command; asked once per process.
    """
    why = shell.missing_program("tc") or shell.missing_program("unshare") or netns.missing()
    if why is not None:
        return why
    apart = ("unshare", "-n") if netns.privileged() else ("unshare", "-Urn")
    for modules, argv, text in ATTEMPTS:
        try:
            shell.run((*apart, *argv), input_text=text)
        except CommandFailed:
            return (
                f"kernel {platform.release()} has no {modules}: modprobe it as root, "
                "or boot a kernel that ships it (Debian: linux-image-amd64)"
            )
    return None


@cache
def iproute2_version() -> str:
    """Such as "6.1.0". Raises LinkUnavailable without tc."""
    found = _VERSION.search(shell.run(("tc", "-V")))
    return found[1] if found else "unknown"


def takes_seed(namespace: Namespace) -> bool:
    """Whether tc and the kernel know `netem seed` (both since 6.6).

    An older kernel ignores what it does not know, so the seed is read back. Uses the `lo` of
    `namespace` for a moment.
    """
    netem = ("dev", "lo", "root", "netem")
    try:
        namespace.run("tc", "qdisc", "add", *netem, "seed", SEED)
    except CommandFailed:
        return False
    shown = namespace.run("tc", "qdisc", "show", "dev", "lo")
    namespace.run("tc", "qdisc", "del", *netem[:3])
    return f"seed {SEED}" in shown
