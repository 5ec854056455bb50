"""Text in files that people bring: read within bounds, whatever editor or system wrote it."""

import codecs
import errno
from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16's, which is the beginning of it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, and the encoding that takes each away while it decodes."""


def read_text(path: Path, most_bytes: int) -> str:
    """What a file, a pipe or standard input holds: UTF-8, or what its byte order mark says.

    Raises OSError, which more than `most_bytes` is too (so that a device without end can be
    refused), and UnicodeDecodeError, which a NUL is too: no text has one.
    """
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"more than {most_bytes} bytes")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    text = content.decode(encoding)
    if "\0" in text:
        at = content.index(0)
        raise UnicodeDecodeError(encoding, content, at, at + 1, "a NUL")
    return text
