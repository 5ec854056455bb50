"""Runs a command in a QEMU guest that sees this machine's files and keeps what it writes to itself.

Software emulation, with one virtual nanosecond for each instruction (`-icount`): a busy host makes
the guest slow rather than inexact, which is what tests of timing need. But while the guest idles
its clock follows the host's, and jumps by some milliseconds where the host pauses; without that
(`sleep=off`) its timeouts would run out while it waits for the host's files. Compute times mean
nothing there.
Writes of the guest go to its memory: the host's files are exported read only.
"""

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.qemu.initramfs import build

MEMORY = "1G"
LIMIT = ("timeout", "--foreground", "--signal=KILL")
"""A process of its own, so that the guest ends in time even if nobody is left to wait for it."""
KILLED = 137
"""What timeout(1) returns then."""
EXIT_LINE = "guest: exit status "
TIMED_OUT = 124
NO_WORD = 125
"""The guest ended without saying how the command did."""
MACHINE = (
    *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio"),
    *("-machine", "q35", "-cpu", "max", "-smp", "1", "-m", MEMORY),
    *("-accel", "tcg,thread=single", "-icount", "shift=0,sleep=on", "-rtc", "clock=vm"),
    *("-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"),
    *("-device", "virtio-9p-pci,fsdev=host,mount_tag=host"),
)
KERNEL_PARAMETERS = "console=ttyS0 quiet loglevel=1 panic=-1 clocksource=tsc tsc=reliable"


def run(
    kernel: Path, argv: Sequence[str], timeout_s: float, tell: Callable[[str], None]
) -> tuple[int, str]:
    """Boot, run `argv` in the current directory, power off; its exit status and all its output.

    tell: is given each line as it comes.
    """
    lines: list[str] = []
    with tempfile.NamedTemporaryFile() as initramfs:
        initramfs.write(build(kernel, _script(argv)))
        initramfs.flush()
        (image,) = (kernel / "boot").glob("vmlinuz-*")
        boot = ("-kernel", str(image), "-initrd", initramfs.name, "-append", KERNEL_PARAMETERS)
        with subprocess.Popen(
            (*LIMIT, f"{timeout_s:g}", "qemu-system-x86_64", *MACHINE, *boot),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as qemu:
            assert qemu.stdout is not None
            for line in qemu.stdout:
                lines.append(line.rstrip())
                tell(lines[-1])
    status = TIMED_OUT if qemu.returncode == KILLED else exit_status(lines)
    return status, "\n".join(lines)


def exit_status(lines: Sequence[str]) -> int:
    """What the guest said of the command's exit status last."""
    told = [line.removeprefix(EXIT_LINE) for line in lines if line.startswith(EXIT_LINE)]
    return int(told[-1]) if told and told[-1].isdecimal() else NO_WORD


def _script(argv: Sequence[str]) -> str:
    """The guest's second half of starting up; its output is no terminal.

    Programs of an ordinary user, too, must reach the interpreter and the project: in the guest,
    the folders above them let everybody through.
    """
    reached = (Path.cwd(), Path(sys.prefix), Path(sys.base_prefix).resolve())
    folders = {str(above) for path in reached for above in (path, *path.parents)}
    return f"""\
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
ip link set lo up
chmod o+x {shlex.join(sorted(folders))}
cd {shlex.quote(str(Path.cwd()))}
{{ {shlex.join(argv)}; echo "{EXIT_LINE}$?"; }} 2>&1 | cat
busybox poweroff -f
"""
