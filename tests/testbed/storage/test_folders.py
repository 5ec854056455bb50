"""Folders of results: whole or not there, never mixed, and refusals are one line."""

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from testbed.errors import BadInput
from testbed.storage import folders
from testbed.storage.folders import check_writable, new_folder, write_folder

NOBODY = 65534
FILES = ["numbers.csv", "report.md"]


def fill(folder: Path) -> None:
    for name in FILES:
        (folder / name).write_bytes(b"x" * 500)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(BadInput) as found:
        call()
    message = str(found.value)
    assert "\n" not in message and "allowed:" in message
    return message


def test_out_is_the_folder_itself(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    write_folder(fill, out)
    assert left_in(out) == FILES
    empty = tmp_path / "empty"
    empty.mkdir()
    write_folder(fill, empty)
    assert left_in(empty) == FILES
    link = tmp_path / "link"
    (tmp_path / "target").mkdir()
    link.symlink_to(tmp_path / "target")
    write_folder(fill, link)
    assert link.is_symlink() and left_in(tmp_path / "target") == FILES


def test_the_folder_is_as_private_as_the_user_wants(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_folder(fill, tmp_path / "out")
        made = [new_folder(None, tmp_path, "lte"), tmp_path / "out"]
    finally:
        os.umask(before)
    assert [folder.stat().st_mode & 0o777 for folder in made] == [0o750, 0o750]


class _Noon(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_Noon":
        return cls(2026, 1, 31, 12, tzinfo=tz)


def test_folders_of_the_same_second_all_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "datetime", _Noon)
    together = threading.Barrier(6)
    made: list[Path] = []

    def one() -> None:
        together.wait()
        made.append(new_folder(None, tmp_path / "results", "lte"))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = "2026-01-31T12-00-00Z-lte"
    assert left_in(tmp_path / "results") == sorted([first, *(f"{first}-{n}" for n in range(2, 7))])
    assert sorted(path.name for path in made) == left_in(tmp_path / "results")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_an_interruption_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    seen: list[list[str]] = []

    def interrupted(draft: Path) -> None:
        seen.append(left_in(draft.parent))
        raise error

    with pytest.raises(error):
        write_folder(interrupted, tmp_path / "mine")
    assert len(seen[0]) == 1 and seen[0][0].startswith(".")  # under way: hidden, and the only one
    assert left_in(tmp_path) == []


def test_what_a_killed_process_left_half_written_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / ".mine.partial-0011aabb").mkdir()
    (tmp_path / ".theirs.partial-0011aabb").mkdir()

    def another_too(draft: Path) -> None:
        write_folder(fill, tmp_path / "mine")

    refusal(lambda: write_folder(another_too, tmp_path / "mine"))
    assert left_in(tmp_path) == [".theirs.partial-0011aabb", "mine"]
    assert left_in(tmp_path / "mine") == FILES


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full after so many bytes, as far as a process can tell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()

    def written() -> None:
        with files_no_larger_than(100):
            write_folder(fill, results / "lte")

    assert refusal(written).startswith(f"{results / 'lte'}: ")
    assert left_in(results) == []


def test_a_folder_with_something_in_it_is_refused_and_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for call in (
        lambda: check_writable(out, tmp_path),
        lambda: write_folder(fill, out),
        lambda: new_folder(out, tmp_path, "lte"),
    ):
        assert refusal(call).startswith(f"{out}: found a folder that is not empty")
    assert left_in(out) == ["notes.txt"]
    assert left_in(tmp_path) == ["out"]


def test_a_folder_filled_meanwhile_is_refused_and_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def another_one_ends(draft: Path) -> None:
        out.mkdir()
        (out / "theirs").touch()

    assert "meanwhile" in refusal(lambda: write_folder(another_one_ends, out))
    assert left_in(tmp_path) == ["out"] and left_in(out) == ["theirs"]


def test_files_in_the_way_are_refused_beforehand(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert refusal(lambda: check_writable(file, tmp_path)).startswith(f"{file}: found a file")
    assert f"{file} is no folder" in refusal(lambda: check_writable(file / "run", tmp_path))
    assert f"{file} is no folder" in refusal(lambda: check_writable(file / "a" / "b", tmp_path))
    refusal(lambda: check_writable(None, file))
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "file" / "nowhere")
    refusal(lambda: check_writable(None, dangling))
    assert file.read_text() == "mine"


def test_folders_a_rename_cannot_replace_are_refused_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    check_writable(mounted, tmp_path)
    monkeypatch.setattr(Path, "is_mount", lambda path: path == mounted)
    assert "mount point" in refusal(lambda: check_writable(mounted, tmp_path))
    monkeypatch.undo()
    monkeypatch.chdir(mounted)
    assert "current folder" in refusal(lambda: check_writable(Path(), tmp_path))


@pytest.mark.parametrize("which", ["out", "results"])
def test_folders_of_others_are_refused_beforehand(tmp_path: Path, which: str) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    out = locked / "run" if which == "out" else None
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)  # nothing is locked for root
    try:
        message = refusal(lambda: check_writable(out, locked / "results"))
    finally:
        if root:
            os.seteuid(0)
    assert "Permission denied" in message


def test_the_check_leaves_nothing_and_lets_good_folders_pass(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    check_writable(None, tmp_path / "results")
    check_writable(tmp_path / "new" / "er", tmp_path / "results")
    check_writable(tmp_path / "empty", tmp_path / "results")
    assert left_in(tmp_path) == ["empty"] and left_in(tmp_path / "empty") == []
