"""What of the guest can be tried without booting one."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.qemu import guest, kernel
from tests.qemu.guest import NO_WORD, TIMED_OUT, exit_status
from tests.qemu.initramfs import load_order
from tests.qemu.kernel import Unprepared, missing_packages, prepared

MODULES_DEP = """\
kernel/fs/9p/9p.ko: kernel/fs/fscache/fscache.ko kernel/fs/netfs/netfs.ko kernel/net/9p/9pnet.ko
kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio.ko
kernel/net/9p/9pnet.ko:
kernel/fs/fscache/fscache.ko: kernel/fs/netfs/netfs.ko
kernel/fs/netfs/netfs.ko:
kernel/drivers/virtio/virtio.ko:
kernel/fs/overlayfs/overlay.ko:
"""


def test_modules_come_after_those_they_need() -> None:
    order = [Path(path).stem for path in load_order(MODULES_DEP, ("9pnet_virtio", "9p", "ext4"))]
    assert order == ["virtio", "9pnet", "9pnet_virtio", "netfs", "fscache", "9p"]


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["1 passed", "guest: exit status 0"], 0),
        (["guest: exit status 0", "guest: exit status 5", "Power down"], 5),
        (["guest: exit status "], NO_WORD),
        (["Kernel panic"], NO_WORD),
        ([], NO_WORD),
    ],
)
def test_exit_status_is_what_the_guest_says(lines: list[str], status: int) -> None:
    assert exit_status(lines) == status


@pytest.fixture
def qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a shell script in QEMU's place; gives a kernel for it."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(guest, "build", lambda *_: b"initramfs")
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/vmlinuz-1").touch()

    def become(script: str) -> Path:
        program = tmp_path / "qemu-system-x86_64"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return tmp_path

    return become


def test_output_and_exit_status_pass_through(qemu: Callable[[str], Path]) -> None:
    told: list[str] = []
    at = qemu(r"printf 'one\r\nguest: exit status 3\r\n'")
    assert guest.run(at, ("true",), 20, told.append) == (3, "one\nguest: exit status 3")
    assert told == ["one", "guest: exit status 3"]


def test_a_guest_that_hangs_is_killed(qemu: Callable[[str], Path]) -> None:
    at = qemu("echo 'guest: exit status 0'; exec sleep 60")
    assert guest.run(at, ("true",), 0.5, print)[0] == TIMED_OUT


def test_a_guest_that_dies_is_no_success(qemu: Callable[[str], Path]) -> None:
    assert guest.run(qemu("exit 0"), ("true",), 20, print)[0] == NO_WORD


def test_the_script_quotes_what_it_is_given() -> None:
    script = guest._script(("echo", "a b", "$HOME", "it's"))
    done = subprocess.run(("sh", "-n"), input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert """{ echo 'a b' '$HOME' 'it'"'"'s'; echo "guest: exit status $?"; } 2>&1""" in script


def test_packages_of_missing_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.qemu.kernel.environment", lambda: {"PATH": str(tmp_path)})
    everything = sorted(set(kernel.PROGRAMS.values()))
    assert missing_packages() == everything
    for program in kernel.PROGRAMS:
        (tmp_path / program).write_bytes(b"static")
        (tmp_path / program).chmod(0o755)
    assert missing_packages() == []
    (tmp_path / "busybox").write_bytes(b"\x7fELF /lib64/ld-linux-x86-64.so.2")
    assert missing_packages() == ["busybox-static"]


def test_only_root_can_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "missing_packages", lambda: ["kmod"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Unprepared, match=r"^as root: apt-get install .* kmod$"):
        prepared(tmp_path)


def test_no_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "missing_packages", lambda: ["kmod"])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unprepared, match=r"no apt-get here .*: kmod linux-image-amd64"):
        prepared(tmp_path)


def test_nothing_is_fetched_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "missing_packages", lambda: [])
    monkeypatch.setenv("PATH", "")
    (tmp_path / "kernel").mkdir()
    assert prepared(tmp_path) == tmp_path / "kernel"
