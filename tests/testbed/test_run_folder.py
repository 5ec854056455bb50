"""A run's folder is whole or not there, and refusals are one line."""

import os
import re
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import testbed.figures
from testbed import run_folder
from testbed.errors import BadInput
from testbed.run_folder import Run, check_writable, load, save
from tests.testbed import synthetic
from tests.testbed.run_files import RUN_FILES

NOBODY = 65534


@pytest.fixture(scope="module")
def run() -> Run:
    return synthetic.run()


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that take no time."""

    def draw(summary: dict[str, Any], requests: pd.DataFrame, out_dir: Path) -> list[Path]:
        out_dir.mkdir()
        return []

    monkeypatch.setattr(testbed.figures, "draw_all", draw)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(BadInput) as found:
        call()
    message = str(found.value)
    assert "\n" not in message and "allowed:" in message
    return message


def test_a_saved_run_is_complete_and_comes_back(run: Run, tmp_path: Path) -> None:
    folder = save(run, None, tmp_path / "results")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-lte", folder.name)
    assert left_in(tmp_path / "results") == [folder.name]
    assert set(left_in(folder)) == RUN_FILES
    assert left_in(folder / "figures") == ["cdf.png", "cdf.svg", "stages.png", "stages.svg"]
    back = load(folder)
    assert back.scenario_text == run.scenario_text
    assert back.effective_text == run.effective_text
    assert back.environment == {"python": "CPython 3.11.2", "load": None}
    assert back.link == run.link
    assert back.summary == run.summary
    pd.testing.assert_frame_equal(back.requests, run.requests)


def test_out_is_the_folder_itself(run: Run, tmp_path: Path, undrawn: None) -> None:
    out = tmp_path / "a" / "b"
    assert save(run, out, tmp_path / "results") == out
    assert set(left_in(out)) == RUN_FILES
    empty = tmp_path / "empty"
    empty.mkdir()
    assert set(left_in(save(run, empty, tmp_path))) == RUN_FILES
    link = tmp_path / "link"
    (tmp_path / "target").mkdir()
    link.symlink_to(tmp_path / "target")
    save(run, link, tmp_path)
    assert link.is_symlink() and set(left_in(tmp_path / "target")) == RUN_FILES


def test_the_folder_is_as_private_as_the_user_wants(
    run: Run, tmp_path: Path, undrawn: None
) -> None:
    before = os.umask(0o027)
    try:
        folder = save(run, None, tmp_path)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o750


class _Noon(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_Noon":
        return cls(2026, 1, 31, 12, tzinfo=tz)


def test_runs_that_end_in_the_same_second_all_stay(
    run: Run, tmp_path: Path, undrawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "datetime", _Noon)
    together = threading.Barrier(6)
    saved: list[Path] = []

    def one() -> None:
        together.wait()
        saved.append(save(run, None, tmp_path))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = "2026-01-31T12-00-00Z-lte"
    assert left_in(tmp_path) == sorted([first, *(f"{first}-{n}" for n in range(2, 7))])
    assert sorted(path.name for path in saved) == left_in(tmp_path)
    assert all(set(left_in(path)) == RUN_FILES for path in saved)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
@pytest.mark.parametrize("out", [None, "mine"])
def test_an_interrupted_save_leaves_nothing(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    out: str | None,
) -> None:
    seen: list[list[str]] = []

    def interrupted(summary: dict[str, Any], requests: pd.DataFrame, out_dir: Path) -> None:
        seen.append(left_in(out_dir.parent.parent))
        raise error

    monkeypatch.setattr(testbed.figures, "draw_all", interrupted)
    with pytest.raises(error):
        save(run, None if out is None else tmp_path / out, tmp_path)
    assert len(seen[0]) == 1 and seen[0][0].startswith(".")  # under way: hidden, and the only one
    assert left_in(tmp_path) == []


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is full after so many bytes, as far as a process can tell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [10, 3000])
def test_a_full_disk_is_told_and_leaves_nothing(run: Run, tmp_path: Path, size: int) -> None:
    results = tmp_path / "results"
    results.mkdir()

    def saved() -> Path:
        with files_no_larger_than(size):
            return save(run, None, results)

    assert refusal(saved).startswith(f"{results}: ")
    assert left_in(results) == []


def test_a_folder_with_something_in_it_is_refused_and_kept(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    for call in (lambda: check_writable(out, tmp_path), lambda: save(run, out, tmp_path)):
        assert refusal(call).startswith(f"{out}: found a folder that is not empty")
    assert left_in(out) == ["notes.txt"]
    assert left_in(tmp_path) == ["out"]


def test_a_folder_filled_meanwhile_is_refused_and_kept(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def another_run_ends(summary: dict[str, Any], requests: pd.DataFrame, out_dir: Path) -> None:
        out.mkdir()
        (out / "theirs").touch()

    monkeypatch.setattr(testbed.figures, "draw_all", another_run_ends)
    assert "meanwhile" in refusal(lambda: save(run, out, tmp_path))
    assert left_in(tmp_path) == ["out"] and left_in(out) == ["theirs"]


def test_files_in_the_way_are_refused_before_a_run(tmp_path: Path) -> None:
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


def test_folders_a_rename_cannot_replace_are_refused_before_a_run(
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
def test_folders_of_others_are_refused_before_a_run(tmp_path: Path, which: str) -> None:
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
