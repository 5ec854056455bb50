"""What the guest's kernel boots: busybox, modules for reaching the host's files, and `init.sh`."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from emulation.host.shell import environment

INIT = Path(__file__).with_name("init.sh")
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
"""Needed before the guest can see any file; the rest load themselves."""


def build(kernel: Path, script: str) -> bytes:
    """An initramfs for the kernel unpacked below `kernel`; the guest runs the shell `script`.

    Raises CalledProcessError.
    """
    modules = next((kernel / "lib/modules").iterdir())
    busybox = shutil.which("busybox", path=environment()["PATH"])
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "bin").mkdir()
        (root / "modules").mkdir()
        shutil.copy(str(busybox), root / "bin/busybox")
        shutil.copy(INIT, root / "init")
        (root / "init").chmod(0o755)
        (root / "guest.sh").write_text(script)
        order = load_order((modules / "modules.dep").read_text(), MODULES)
        for path in order:
            shutil.copy(modules / path, root / "modules")
        (root / "modules/order").write_text("".join(f"{Path(path).name}\n" for path in order))
        (root / "modules/tree").write_text(f"{modules.parent}\n")
        return _archive(root)


def load_order(modules_dep: str, wanted: tuple[str, ...]) -> list[str]:
    """Paths of the wanted modules and all they need, each after those it needs.

    modules_dep: the text of a file that depmod(8) made. A module built into the kernel is in none.
    """
    needs: dict[str, list[str]] = {}
    for line in modules_dep.splitlines():
        path, _, others = line.partition(":")
        needs[Path(path).name.partition(".")[0]] = [path, *others.split()]
    order: dict[str, None] = {}
    for name in wanted:
        order |= dict.fromkeys(reversed(needs.get(name, [])))
    return list(order)


def _archive(root: Path) -> bytes:
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    return subprocess.run(
        ("busybox", "cpio", "-o", "-H", "newc"),
        cwd=root,
        env=environment(),
        input=names.encode(),
        capture_output=True,
        check=True,
    ).stdout
