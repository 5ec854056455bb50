"""A whole run, link and both halves, in surroundings that take something from it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from emulation.host import netns
from tests.testbed.command_line import ROOT, TIMEOUT_S, write_tiny

pytestmark = pytest.mark.realtime

FEW = ("workload.requests=2", "workload.warmup=0", "repeats=1", "link.tolerance=off")
BECOME_NOBODY = ("setpriv", "--reuid", "12345", "--clear-groups", "env")
NO_SHM = "mount -t tmpfs -o ro none /dev/shm && exec "
READ_ONLY = "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "
needs_root = pytest.mark.skipif(not netns.privileged(), reason="not root")


def run(
    folder: Path,
    *before: str,
    python: Sequence[str] = (sys.executable,),
    scenario: str | Path | None = None,
    backend: str = "simpy",
    out: str = "out",
    pass_fds: tuple[int, ...] = (),
    environment: Mapping[str, str | None] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """What becomes of a run of two requests. before: words in front of the command; environment:
    what is set in it, or taken from it where None.
    """
    environment = environment or {}
    changes = [word for change in FEW for word in ("--set", change)]
    arguments = (str(scenario or write_tiny(folder)), "--backend", backend, "--out", out, *changes)
    kept = {name: value for name, value in os.environ.items() if name not in environment}
    return subprocess.run(
        [*before, *python, "-m", "testbed", "run", *arguments],
        cwd=folder,
        env=kept
        | {"PYTHONPATH": str(ROOT)}
        | {name: value for name, value in environment.items() if value is not None},
        pass_fds=pass_fds, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


def require_whole(ended: "subprocess.CompletedProcess[str]", out: Path) -> None:
    assert ended.returncode == 0, ended.stderr
    assert (out / "summary.json").is_file()
    assert (out / "figures" / "cdf.png").is_file()


@pytest.mark.parametrize("language", [{"LANG": "C", "LC_ALL": "POSIX"}, {"PYTHONUTF8": "0"}])
def test_any_language_and_any_name(tmp_path: Path, language: dict[str, str]) -> None:
    out = os.fsdecode(b"two words\ncaf\xe9")
    ended = run(tmp_path, out=out, environment=language)
    require_whole(ended, tmp_path / out)
    assert ended.stdout.splitlines()[-1] == "two words\\ncaf\\xe9"


def test_without_assertions(tmp_path: Path) -> None:
    ended = run(tmp_path, python=(sys.executable, "-O"))
    require_whole(ended, tmp_path / "out")


def test_a_scenario_that_comes_through_a_pipe(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, write_tiny(tmp_path).read_bytes())
    os.close(writer)
    ended = run(tmp_path, scenario=f"/dev/fd/{reader}", pass_fds=(reader,))
    os.close(reader)
    require_whole(ended, tmp_path / "out")
    assert "name: tiny" in (tmp_path / "out" / "scenario.yaml").read_text()


@pytest.mark.root
@needs_root
@pytest.mark.parametrize(("mounts", "backend"), [(NO_SHM, "simpy"), (READ_ONLY, "auto")])
def test_without_shared_memory_or_kernel_parameters(
    tmp_path: Path, mounts: str, backend: str
) -> None:
    ended = run(tmp_path, "unshare", "-m", "sh", "-c", mounts + '"$@"', "sh", backend=backend)
    require_whole(ended, tmp_path / "out")
    if backend == "auto":
        assert "/proc/sys/net is mounted read-only" in ended.stderr


def others_may_run_python() -> bool:
    if not netns.privileged() or shutil.which("setpriv") is None:
        return False
    tried = subprocess.run(
        (*BECOME_NOBODY, sys.executable, "-c", ""), capture_output=True, check=False
    )
    return tried.returncode == 0


@pytest.mark.root
@pytest.mark.skipif(not others_may_run_python(), reason="nobody else may run this interpreter")
def test_a_user_without_a_name_or_home(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o777)
    write_tiny(tmp_path)
    unknown = dict.fromkeys(("HOME", "USER", "LOGNAME"))
    ended = run(tmp_path, *BECOME_NOBODY, scenario="tiny.yaml", environment=unknown)
    require_whole(ended, tmp_path / "out")
