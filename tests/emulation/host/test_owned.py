"""What a killed process left goes with the next one, and what a living one has stays."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from emulation.host.owned import OwnFolder, lock, remove_ownerless, scratch_folder

HOLDER = """
import sys
from pathlib import Path
from emulation.host.owned import OwnFolder, scratch_folder
{code}
print(made, flush=True)
sys.stdin.read()
"""
SCRATCH = "with_it = scratch_folder()\nmade = with_it.__enter__()"
FOLDER = "own = OwnFolder(lambda: Path(sys.argv[1]).mkdir() or Path(sys.argv[1]))\nmade = own.path"


@contextmanager
def holding(
    code: str, *arguments: object, tmp: Path
) -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    """Another process that has made a folder and holds it, in a PID namespace of its own or not."""
    argv = [sys.executable, "-c", HOLDER.format(code=code), *map(str, arguments)]
    environment = {**os.environ, "TMPDIR": str(tmp)}
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield Path(process.stdout.readline().strip()), process
        finally:
            process.kill()


@pytest.fixture
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_scratch_folder_is_private_and_gone_afterwards(tmp: Path) -> None:
    with scratch_folder() as folder:
        assert folder.parent == tmp
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "file").touch()
    assert list(tmp.iterdir()) == []


def test_a_scratch_folder_that_was_removed_by_others_is_no_error(tmp: Path) -> None:
    with scratch_folder() as folder:
        folder.rmdir()


def test_the_next_start_removes_what_a_killed_process_left_and_nothing_else(tmp: Path) -> None:
    others = [tmp / "testbed-results", tmp / "testbed-scratch-of-mine"]
    for folder in others:
        folder.mkdir()
    with holding(SCRATCH, tmp=tmp) as (living, _), holding(SCRATCH, tmp=tmp) as (dead, killed):
        (dead / "scenario.yaml").touch()
        killed.kill()
        killed.wait()
        with scratch_folder() as ours:
            assert sorted(tmp.iterdir()) == sorted([*others, living, ours])


def test_a_folder_is_owned_under_whatever_name(tmp_path: Path) -> None:
    with holding(FOLDER, tmp_path / "draft", tmp=tmp_path) as (draft, process):
        moved = draft.rename(tmp_path / "moved")
        remove_ownerless([moved])
        assert moved.is_dir()
        process.kill()
        process.wait()
        remove_ownerless([moved, tmp_path / "nowhere"])
        assert not moved.exists()


def test_links_and_files_are_never_taken_for_left_over(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    (tmp_path / "file").touch()
    remove_ownerless([tmp_path / "link", tmp_path / "file"])
    assert len(list(tmp_path.iterdir())) == 3


def test_one_that_is_taken_for_left_over_before_it_is_owned_is_made_again(tmp_path: Path) -> None:
    names = iter("abc")

    def make() -> Path:
        folder = tmp_path / next(names)
        folder.mkdir()
        if folder.name != "c":
            remove_ownerless([folder])
        return folder

    with closing(OwnFolder(make)) as own:
        assert own.path == tmp_path / "c"


def test_a_lock_is_one_processs_and_ends_with_it(tmp_path: Path) -> None:
    (tmp_path / "mark").touch()
    script = (
        "import sys; from emulation.host.owned import lock\n"
        f"mark = open({str(tmp_path / 'mark')!r}, 'rb')\n"
        "print(lock(mark), flush=True)\n"
        "sys.stdin.read()\n"
    )
    argv = [sys.executable, "-c", script]
    with (
        (tmp_path / "mark").open("rb") as mark,
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == b"True\n"
        assert not lock(mark)
        other.kill()
        other.wait()
        assert lock(mark)
