"""Debian's kernel, unpacked and not installed, and the programs needed to boot it."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from emulation.host.shell import environment

PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "depmod": "kmod",
    "ip": "iproute2",
    "tc": "iproute2",
    "setpriv": "util-linux",
}
"""Program -> the Debian package that has it."""
KERNEL = "linux-image-amd64"
"""Always names the newest one. Debian's cloud kernel has no 9p."""
KEPT = (
    "/boot/vmlinuz-",
    "/modules.",
    *(f"/kernel/{part}/" for part in ("arch", "crypto", "fs", "lib", "net", "drivers/virtio")),
    *(f"/kernel/drivers/net/{device}." for device in ("veth", "ifb", "tun")),
)
"""What is unpacked of it: a seventh."""
APT = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120")
APT_TIMEOUT_S = 300.0


class Unprepared(Exception):
    """Something is missing that cannot be installed; the message says what to do."""


def prepared(folder: Path) -> Path:
    """The kernel below `folder`: boot/vmlinuz-* and lib/modules/*; fetched if it is not there yet.

    Installs missing programs, too. Raises Unprepared, CalledProcessError.
    """
    root = folder / "kernel"
    packages = missing_packages()
    if packages or not root.exists():
        if shutil.which("apt-get") is None:
            wanted = " ".join((*packages, KERNEL))
            raise Unprepared(f"no apt-get here to fetch what is missing: {wanted}")
        install(packages)
    if not root.exists():
        fetch(root)
    return root


def missing_packages() -> list[str]:
    """Packages of which a program is missing."""
    path = environment()["PATH"]
    found = {program: shutil.which(program, path=path) for program in PROGRAMS}
    if found["busybox"] is not None and b"ld-linux" in Path(found["busybox"]).read_bytes():
        found["busybox"] = None  # needs libraries that the initramfs does not have
    return sorted({PROGRAMS[program] for program, where in found.items() if where is None})


def install(packages: list[str]) -> None:
    """Bring apt's lists up to date and install `packages`. Raises Unprepared if not root."""
    if os.geteuid() == 0:
        apt("update")
        if packages:
            apt("install", "--yes", "--no-install-recommends", *packages)
    elif packages:
        line = f"apt-get install --no-install-recommends {' '.join(packages)}"
        raise Unprepared(f"as root: {line}")


def apt(*arguments: str) -> None:
    """Run apt-get, which says something only if it fails."""
    quiet = environment() | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        (*APT, *arguments),
        env=quiet,
        capture_output=True,
        text=True,
        check=False,
        timeout=APT_TIMEOUT_S,
    )
    if done.returncode != 0:
        raise Unprepared(f"apt-get {' '.join(arguments)}: {done.stdout}{done.stderr}")


def fetch(root: Path) -> None:
    """Download the kernel and unpack it as `root`, all or nothing."""
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as name:
        folder = Path(name)
        told = subprocess.check_output(("apt-cache", "depends", "--important", KERNEL), text=True)
        package = told.split()[-1]
        subprocess.run(
            (*APT, "download", package), cwd=folder, check=True, stderr=subprocess.DEVNULL
        )
        (archive,) = folder.glob("*.deb")
        unpack(archive, folder / "kernel")
        version = next((folder / "kernel/lib/modules").iterdir()).name
        subprocess.run(
            ("depmod", "-b", str(folder / "kernel"), version), env=environment(), check=True
        )
        (folder / "kernel").rename(root)


def unpack(archive: Path, into: Path) -> None:
    """Extract what is kept of a Debian package. Raises CalledProcessError."""
    argv = ("dpkg-deb", "--fsys-tarfile", str(archive))
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as files:
            for member in files:
                if any(part in member.name for part in KEPT):
                    files.extract(member, into, filter="data")
        process.stdout.read()  # what pads the archive
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, argv)
