"""Runs the programs that build a link (ip, tc, ...): argument lists only, checked, in time.

Nothing here goes through a shell, and nobody's exit status is ignored.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence

from emulation.errors import CommandFailed, LinkUnavailable

DEBIAN_PACKAGES = {
    "ip": "iproute2", "tc": "iproute2", "ethtool": "ethtool", "iperf3": "iperf3",
    "modprobe": "kmod", "mount": "mount", "nsenter": "util-linux", "ping": "iputils-ping",
    "unshare": "util-linux",
}  # fmt: skip
"""Program -> the Debian package that has it."""

ADMIN_DIRECTORIES = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where Debian keeps tc and modprobe; not on an ordinary user's PATH."""

TIMEOUT_S = 10.0
"""Configuring a device takes milliseconds; a loaded host may need a thousand times that."""


def run(argv: Sequence[str], *, input_text: str = "", timeout_s: float = TIMEOUT_S) -> str:
    """Run `argv` with `input_text` on its standard input; returns its standard output.

    Raises LinkUnavailable when the program is not installed, and CommandFailed when it ends with
    a status other than 0 or is not done after `timeout_s` seconds (it is killed then).
    """
    try:
        done = subprocess.run(
            argv, input=input_text, capture_output=True, text=True, errors="replace",
            timeout=timeout_s, check=False, env=environment(),
        )  # fmt: skip
    except FileNotFoundError:
        raise LinkUnavailable(missing_program(argv[0]) or f"cannot start {argv[0]}") from None
    except PermissionError as error:
        raise LinkUnavailable(f"cannot start {argv[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise CommandFailed(argv, -9, f"not done after {timeout_s:g} s, killed") from None
    if done.returncode != 0:
        raise CommandFailed(argv, done.returncode, done.stderr or done.stdout)
    return done.stdout


def missing_program(name: str) -> str | None:
    """None when the program can be run, else one line that says how to get it."""
    if shutil.which(name, path=environment()["PATH"]) is not None:
        return None
    package = DEBIAN_PACKAGES.get(name)
    return f"no program {name!r}" + (f": apt-get install {package}" if package else " on PATH")


def environment() -> dict[str, str]:
    """The caller's environment with the administrator's directories and untranslated messages."""
    path = os.environ.get("PATH", os.defpath)
    return os.environ | {"PATH": os.pathsep.join((path, *ADMIN_DIRECTORIES)), "LC_ALL": "C"}
