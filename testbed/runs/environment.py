"""Where a run took place: code, packages, processor, kernel. No host, user or home names.

Every fact is optional: what cannot be found out is None, and nothing here raises.
"""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import testbed

PACKAGES = (
    *("torch", "torchvision", "numpy", "scipy", "simpy", "pyzmq", "msgspec", "pillow"),
    *("zstandard", "pandas", "pyarrow", "seaborn", "matplotlib", "pydantic"),
)
GIT_TIMEOUT_S = 5.0

Fact = TypeVar("Fact")

_AS_MODULE = ("python", "-m", "testbed")
_HOME = re.compile(r"(/home|/Users)/[^/\s:=,]+|/root(?=/|$)")


def environment(backend: str, why: str, started: datetime | None = None) -> dict[str, Any]:
    """The facts of this machine and moment.

    backend, why: the link's backend and the reason it was chosen. started: an aware time, by
    default now.
    """
    moment = (started or datetime.now(UTC)).astimezone(UTC)
    return {
        "started_utc": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "command": command_line(sys.argv),
        "backend": {"name": backend, "why": why},
        "testbed": testbed.__version__,
        "git": git_state(Path(testbed.__file__).resolve().parent),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: _known(partial(version, name)) for name in PACKAGES},
        "cpu": _cpu(),
        "memory_bytes": _memory_bytes(),
        "os": _known(lambda: platform.freedesktop_os_release()["PRETTY_NAME"])
        or platform.system()
        or None,
        "kernel": f"{platform.system()} {platform.release()}",
        "virtualisation": _virtualisation(),
        "tcp_congestion_control": _read("/proc/sys/net/ipv4/tcp_congestion_control"),
    }


def computed_on(*packages: str) -> dict[str, Any]:
    """What decides the last digits of a computation: processor and versions of packages."""
    return {"cpu": _cpu()["model"], **{name: _known(partial(version, name)) for name in packages}}


def command_line(argv: Sequence[str]) -> list[str]:
    """The command without the folders that tell whose machine it was."""
    try:
        own = str(Path.home())
    except RuntimeError:  # a user whom this machine does not know
        own = ""
    program = [Path(word).name for word in argv[:1]]
    named = [*(_AS_MODULE if program == ["__main__.py"] else program), *argv[1:]]
    # A home of "/" (a service account) would turn every slash into a tilde.
    hidden = [word.replace(own, "~") if len(own) > 1 else word for word in named]
    return [_HOME.sub("~", word) for word in hidden]


def git_state(package: Path) -> dict[str, Any] | None:
    """Commit and whether files differ from it; None unless `package` lies in its own checkout.

    A package installed below somebody else's repository must not borrow that one's commit.
    """
    try:
        if Path(_git(package, "rev-parse", "--show-toplevel")).resolve() != package.parent:
            return None
        commit = _git(package, "rev-parse", "--verify", "HEAD")
        return {"commit": commit, "dirty": _git(package, "status", "--porcelain") != ""}
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    return subprocess.check_output(
        command, stderr=subprocess.DEVNULL, text=True, timeout=GIT_TIMEOUT_S
    ).strip()


def _known(find: Callable[[], Fact]) -> Fact | None:
    """What can be found out; None where it cannot."""
    try:
        return find()
    except (OSError, PackageNotFoundError):
        return None


def _cpu() -> dict[str, Any]:
    governor = _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return {
        "model": _field("/proc/cpuinfo", "model name") or platform.processor() or None,
        "architecture": platform.machine() or None,
        "count": os.cpu_count(),
        "affinity": sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "governor": governor,
        # Of 1, 5 and 15 minutes: whether the machine had other things to do.
        "load_average": _known(lambda: [round(value, 2) for value in os.getloadavg()]),
    }


def _memory_bytes() -> int | None:
    found = re.fullmatch(r"(\d+) kB", _field("/proc/meminfo", "MemTotal") or "")
    return int(found[1]) * 1024 if found else None


def _virtualisation() -> list[str]:
    """Hints that other software stands between this process and the processor."""
    hints = []
    if " hypervisor" in (_field("/proc/cpuinfo", "flags") or ""):
        hints.append("virtual machine")
    if any(Path(mark).exists() for mark in ("/.dockerenv", "/run/.containerenv")):
        hints.append("container")
    return hints


def _field(path: str, name: str) -> str | None:
    """The value of the first `name: value` line."""
    found = re.search(rf"^{re.escape(name)}\s*:(.*)$", _read(path) or "", re.MULTILINE)
    return found[1].strip() if found else None


def _read(path: str) -> str | None:
    text = _known(partial(Path(path).read_text, encoding="utf-8", errors="replace"))
    return (text or "").strip() or None
