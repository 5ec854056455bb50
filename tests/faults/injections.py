"""What is done to a command while it runs. Each returns how many faults came about."""

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import sleep

from emulation.tun.link import EDGE_DEVICE
from tests.contract.leftovers import NAMESPACES
from tests.faults.running import Running

Injection = Callable[[Running], int]

STOPPED_S = 3.0
DOWN_S = 5.0
DISK_BYTES = 600_000
BALLAST = "ballast"
_BLOCK = bytes(65536)


def killed(who: str) -> Injection:
    """SIGKILL, which nobody can answer to."""

    def inject(command: Running) -> int:
        return command.signal(who, signal.SIGKILL)

    return inject


def stopped(who: str) -> Injection:
    """SIGSTOP, and SIGCONT after a while."""

    def inject(command: Running) -> int:
        injected = command.signal(who, signal.SIGSTOP)
        sleep(STOPPED_S)
        command.signal(who, signal.SIGCONT)
        return injected

    return inject


def link_down(command: Running) -> int:
    """As somebody's hand does it, at the edge's end of the link, and up again after a while."""
    (edge,) = NAMESPACES.glob(f"testbed-{command.process.pid}-*-edge")
    for state, lasting_s in (("down", DOWN_S), ("up", 0.0)):
        subprocess.run(["ip", "-n", edge.name, "link", "set", EDGE_DEVICE, state], check=True)
        sleep(lasting_s)
    return 1


def disk_full(command: Running) -> int:
    """Nothing more fits on the disk with the results, which is a small one."""
    with (command.results / BALLAST).open("ab", buffering=0) as file, suppress(OSError):
        while file.write(_BLOCK):
            pass
    return 1


def nothing(command: Running) -> int:
    """The fault is in what is asked for, or in where it is asked."""
    return 1


def small_disk(results: Path) -> None:
    """Make `results` a file system of its own, with room for a run but for its figures."""
    results.mkdir(exist_ok=True)
    _mount(results, f"size={DISK_BYTES}")


def read_only_disk(results: Path) -> None:
    """Make `results` a file system of its own that refuses to be written."""
    results.mkdir(exist_ok=True)
    _mount(results, "ro")


def writable_again(results: Path) -> None:
    """Room, and leave to write."""
    _mount(results, "remount,rw")
    (results / BALLAST).unlink(missing_ok=True)


def unmounted(results: Path) -> None:
    """Give the file system back, whoever is still in it."""
    if results.is_dir() and os.path.ismount(results):
        subprocess.run(["umount", "--lazy", str(results)], check=True)


def _mount(where: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(where)], check=True)
