"""Network namespaces as a context manager; the same for root and for an ordinary user.

    with open_namespaces("edge", "server") as (edge, server):
        edge.ip(f"link add eth0 type veth peer name eth0 netns {server.name}")
        edge.run("ping", "-c", "1", address)

As root they are ordinary ones that `ip netns list` shows. Otherwise they live in a user namespace
(user_namespaces(7)) that one process holds, and every command enters it first: programs run
there see themselves as root and are, outside, the user who started them. `keeper.py` makes them
and removes them, also when this process dies.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import count
from pathlib import Path

from emulation.errors import CommandFailed, LinkUnavailable
from emulation.host import shell
from emulation.host.child import Child
from emulation.host.keeper import NAMES, owning, remove
from emulation.spec import CongestionControl

CAP_NET_ADMIN = 12
CAP_SYS_ADMIN = 21
"""Bits of CapEff in proc(5); the numbers are those of linux/capability.h."""

PARAMETERS = Path("/proc/sys/net")
"""Of namespaces too: IPv6 is put off there, and routers forward."""

BENCHMARK_RANGE = IPv4Network("198.18.0.0/15")
"""For tests of network devices (RFC 2544 section C.2.2, RFC 6890): on nobody's real network."""
LINK_PREFIX = 28
"""Each link has 14 host addresses: enough for two ends and routers between them."""

_links = count()


@dataclass(frozen=True, slots=True)
class Namespace:
    """One network namespace with `lo` up and IPv6 off.

    entry: put before a command to run it where the name is known. keeper: the process that holds
    the namespace and removes it. argv_prefix: put before a command to run it in the namespace.
    """

    name: str
    keeper: Child
    entry: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The file that stands for it, for setns(2), as it is seen after `entry`."""
        return NAMES / self.name

    @property
    def argv_prefix(self) -> tuple[str, ...]:
        """Runs a program inside."""
        return (*self.entry, "ip", "netns", "exec", self.name)

    def run(self, *argv: str, input_text: str = "") -> str:
        """Run a command inside; returns its output. Raises CommandFailed, LinkUnavailable."""
        return shell.run((*self.argv_prefix, *argv), input_text=input_text)

    def ip(self, *commands: str) -> str:
        """Run commands of ip(8) inside ("link set lo up", ...); see `batch`."""
        return self.batch("ip", *commands)

    def keep(self, *commands: str) -> None:
        """Run commands of ip(8) inside, now and whenever an interface was set up. Raises LinkFault.

        For what the kernel forgets when an interface is set down: "route replace ...".
        """
        self.keeper.ask(do="keep", name=self.name, commands=commands)

    def require_kept(self) -> None:
        """Raises LinkFault when the process that removes the namespace in the end has ended."""
        self.keeper.require_alive()

    def end_connections(self) -> None:
        """End every TCP connection at once, also what closed programs have left to the kernel.

        A kernel that cannot (without CONFIG_INET_DIAG_DESTROY) lets them come to their own end.
        """
        with suppress(CommandFailed):
            self.run("ss", "-K", "-t", "-n", "state", "connected")

    def set_sysctl(self, value: int | str, *names: str) -> None:
        """Give kernel parameters of this namespace ("net.ipv4.ip_forward") a value."""
        files = [f"/proc/sys/{name.replace('.', '/')}" for name in names]
        self.run("tee", *files, input_text=f"{value}\n")  # sysctl(8) is not everywhere

    def batch(self, program: str, *commands: str) -> str:
        """Have ip or tc do them in one process. Raises CommandFailed, saying what went wrong."""
        argv = (*self.entry, program, "-n", self.name, "-batch", "-")
        try:
            return shell.run(argv, input_text="\n".join(commands) + "\n")
        except CommandFailed as error:
            told = f"{error.stderr}\n(standard input: {'; '.join(commands)})"
            raise CommandFailed(argv, error.returncode, told) from None


def _number() -> int:
    """One that makes names new, also where another PID namespace has a process of our number."""
    return secrets.randbelow(10**9)


@contextmanager
def open_namespaces(*ends: str) -> Iterator[tuple[Namespace, ...]]:
    """One new namespace for each name of an end (lower-case letters), gone afterwards.

    Whatever still runs in them then is killed. Raises LinkUnavailable or LinkFault.
    """
    if (why := missing()) is not None:
        raise LinkUnavailable(why)
    number = _number()
    names = [f"testbed-{os.getpid()}-{number}-{end}" for end in ends]
    rootless = not privileged()
    keep = (sys.executable, "-m", "emulation.host.keeper")
    argv = ("unshare", "-Urnm", *keep, "--rootless", *names) if rootless else (*keep, *names)
    with closing(Child("keeper of network namespaces", argv)) as keeper, ExitStack() as owned:
        # it answers when all are made; if one cannot be, it removes those it made
        keeper.ask(do="made")
        try:
            for name in () if rootless else names:
                owned.enter_context(owning(name))
            entry = _entry(keeper.process_id) if rootless else ()
            namespaces = tuple(Namespace(name, keeper, entry) for name in names)
            for namespace in namespaces:
                namespace.ip("link set lo up")
                _disable_ipv6(namespace)
            yield namespaces
        finally:
            owned.close()
            keeper.close()
            for name in () if rootless else names:
                remove(name)  # where the keeper was killed


def privileged() -> bool:
    """Whether this process may make namespaces that `ip netns list` shows."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    line = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    effective = int(line.split()[1], 16)
    capable = effective >> CAP_NET_ADMIN & effective >> CAP_SYS_ADMIN & 1
    return bool(capable) and os.access("/run", os.W_OK)


def missing() -> str | None:
    """None when namespaces can be made here, else what is missing and how to get it."""
    why = shell.missing_program("ip") or _locked()
    if why is not None or privileged():
        return why
    if (why := shell.missing_program("unshare") or shell.missing_program("nsenter")) is not None:
        return why
    try:  # some systems allow a user namespace but take its rights away: try what is needed
        shell.run(("unshare", "-Urnm", "mount", "-t", "tmpfs", "tmpfs", "/run"))
    except CommandFailed as error:
        return (
            f"neither root nor allowed a user namespace ({error.stderr}): run as root, or see "
            "sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, "
            "kernel.apparmor_restrict_unprivileged_userns"
        )
    return None


def _locked() -> str | None:
    """None when kernel parameters can be set, else why not: containers often may only read them."""
    if PARAMETERS.exists() and os.statvfs(PARAMETERS).f_flag & os.ST_RDONLY:
        return f"{PARAMETERS} is mounted read-only: mount -o remount,rw /proc/sys as root"
    return None


def new_network() -> IPv4Network:
    """Addresses for one link, unlike those of this process's other links at the same time."""
    size = 1 << (32 - LINK_PREFIX)
    index = (os.getpid() * 16 + next(_links)) % (BENCHMARK_RANGE.num_addresses // size)
    return IPv4Network((IPv4Address(int(BENCHMARK_RANGE[0]) + index * size), LINK_PREFIX))


def require_congestion_control(name: CongestionControl) -> None:
    """Raises LinkUnavailable unless the kernel has this congestion control, or can load it."""
    available = Path("/proc/sys/net/ipv4/tcp_available_congestion_control")
    if name in available.read_text(encoding="ascii").split():
        return
    module = f"tcp_{name}"
    try:
        shell.run(("modprobe", module))
    except (CommandFailed, LinkUnavailable) as error:
        raise LinkUnavailable(
            f"this kernel has no TCP congestion control {name!r} (it has: "
            f"{available.read_text(encoding='ascii').strip()}); as root: modprobe {module}"
        ) from error


def _disable_ipv6(namespace: Namespace) -> None:
    """Keep the kernel's own IPv6 chatter (router solicitations) off the link."""
    if Path("/proc/sys/net/ipv6").exists():
        names = [f"net.ipv6.conf.{which}.disable_ipv6" for which in ("all", "default")]
        namespace.set_sysctl(1, *names)


def _entry(keeper_id: int) -> tuple[str, ...]:
    """Enters the keeper's user and mount namespaces; the mount one forgets the directory."""
    nsenter = ("nsenter", "-t", str(keeper_id), "-U", "-m", "--preserve-credentials", "--")
    return (*nsenter, "env", "-C", str(Path.cwd()))
