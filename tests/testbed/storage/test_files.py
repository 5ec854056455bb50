"""A file is the old one or the new one, whatever happens meanwhile; refusals are one line."""

import os
from pathlib import Path

import pytest

from testbed.errors import BadInput
from testbed.storage.files import (
    append_line,
    atomic_write,
    reading,
    replacing,
    shown,
    writing,
)


def test_the_file_changes_only_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "figure.svg"
    file.write_text("old")
    with replacing(file) as draft:
        draft.write_text("new")
        assert draft.suffix == ".svg" and draft.parent == tmp_path
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
def test_after_an_interruption_the_old_file_is_there_and_no_draft(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    file = tmp_path / "table.csv"
    file.write_text("old")
    with pytest.raises(stop), replacing(file) as draft:
        draft.write_text("ha")
        raise stop
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_replaced_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"file/below: Not a directory, allowed: a place that can"):
        atomic_write(tmp_path / "file" / "below", "text")


def test_reading_says_what_is_wrong_and_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused, reading(tmp_path / "none", "a table"):
        (tmp_path / "none").read_bytes()
    assert str(refused.value) == f"{tmp_path}/none: no such file, allowed: a table"
    with pytest.raises(BadInput) as refused, reading(tmp_path, "a table"):
        tmp_path.read_bytes()
    assert str(refused.value) == f"{tmp_path}: Is a directory, allowed: a table"
    with pytest.raises(BadInput) as refused, reading("weights: x", "a table", ZeroDivisionError):
        raise ZeroDivisionError("two\nlines")
    assert str(refused.value) == "weights: x: damaged or foreign (two lines), allowed: a table"
    (tmp_path / "text").write_bytes(b"\xff")
    with pytest.raises(BadInput, match="not UTF-8 text"), reading(tmp_path / "text", "a table"):
        (tmp_path / "text").read_text(encoding="utf-8")


def test_what_else_goes_wrong_stays_what_it_was(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), reading(tmp_path, "a table", KeyError), writing("x"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        (b"plain name \xc3\xa9", "plain name \N{LATIN SMALL LETTER E WITH ACUTE}"),
        (b"two\nlines\t\x1b[2J", "two\\nlines\\t\\x1b[2J"),
        (b"no text \xff\xfe", "no text \\xff\\xfe"),
    ],
)
def test_names_of_any_bytes_can_be_shown(name: bytes, seen: str) -> None:
    path = Path(os.fsdecode(name))
    assert shown(path) == seen
    with pytest.raises(BadInput) as refused, reading(path, "a table"):
        path.read_bytes()
    assert str(refused.value) == f"{seen}: no such file, allowed: a table"


def test_a_line_without_room_is_an_error(tmp_path: Path) -> None:
    with (tmp_path / "lines").open("ab", buffering=0) as file:
        append_line(file, b"one\n")
        assert (tmp_path / "lines").read_bytes() == b"one\n"
    with Path("/dev/full").open("ab", buffering=0) as full, pytest.raises(OSError, match="space"):
        append_line(full, b"two\n")
