"""Files that appear whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """Fill the path given, beside `file`; it takes the place of `file` in one step at the end.

    After an error or an interruption `file` is as it was. Raises OSError.
    """
    draft = file.with_name(f".{file.stem}.part{file.suffix}")  # the ending tells writers the format
    try:
        yield draft
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(file: Path, content: bytes) -> None:
    """Replace a file in one step: after an interruption it is the old one or the new one."""
    with whole(file) as draft:
        draft.write_bytes(content)
