"""Files: replaced as a whole or left alone, and refusals of reading and writing told in one line.

The one place where errors of the system and of other people's readers become BadInput.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from testbed.errors import BadInput, one_line

WRITABLE = "a place that can be written, on a disk with space"


def refusal(path: Path | str, found: str, allowed: str) -> BadInput:
    """What is said of a file or folder that cannot be used, in one line."""
    return BadInput(f"{shown(path)}: {found}, allowed: {allowed}")


@contextmanager
def reading(path: Path | str, allowed: str, *damage: type[Exception]) -> Iterator[None]:
    """Within, whatever is said against reading `path` becomes BadInput, in one line.

    path: may have words before it that say what it is for. damage: what the reader raises, besides
    OSError and UnicodeDecodeError, for content that is not of its kind.
    """
    foreign: tuple[type[Exception], ...] = (OSError, UnicodeDecodeError, *damage)
    try:
        yield
    except foreign as error:
        raise refusal(path, _against_reading(error), allowed) from error


@contextmanager
def writing(path: Path | str, allowed: str = WRITABLE) -> Iterator[None]:
    """Within, whatever the system says against writing `path` becomes BadInput, in one line."""
    try:
        yield
    except OSError as error:
        raise refusal(path, error.strerror or one_line(error), allowed) from error


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Fill the path given, beside `file`; it takes the place of `file` in one step at the end.

    After an error or an interruption `file` is as it was. Raises BadInput.
    """
    draft = draft_of(file)
    try:
        with writing(file):
            yield draft
            draft.replace(file)
    finally:
        with suppress(OSError):  # none there, or no folder that it could be in
            draft.unlink()


def draft_of(file: Path) -> Path:
    """Where `replacing` has what is to be `file`; the ending tells writers the format."""
    return file.with_name(f".{file.stem}.part{file.suffix}")


def atomic_write(file: Path, content: str | bytes) -> None:
    """Replace a file in one step by these bytes, or this text as UTF-8. Raises BadInput."""
    with replacing(file) as draft:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)


def append_line(file: IO[bytes], line: bytes) -> None:
    """Add a line to a file that was opened without a buffer: on disk for all who read it next.

    A line that found too little room is left torn. Raises OSError.
    """
    if file.write(line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def shown(path: Path | str) -> str:
    """A name for people: line breaks, and bytes that are no text, are written as escapes."""
    return "".join(map(_shown, str(path)))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file's name that is no UTF-8 (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _against_reading(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return f"damaged or foreign ({one_line(error)})"
