"""Standard input, output and error as every command may take them: open, and able to show all.

`exit_code` is what becomes of a reader that has gone and of a disk that is full.
"""

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from select import POLLERR, poll

READER_GONE = 141
"""As a shell tells of other programs whose reader has gone: 128 and SIGPIPE's number."""
FAILED = 1


def complete() -> None:
    """Open those that the caller left closed, to nothing, and let none refuse a character.

    Else the next file that is opened would get the number of one, and be written into.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def exit_code(do: Callable[[], int]) -> int:
    """What `do` returns or exits with, once all that it printed has gone out.

    Nothing is said where nobody reads on; typer and rich give that up for 1 by themselves.
    """
    before = _identity()
    try:
        code = do()
        sys.stdout.flush()
    except BrokenPipeError:
        code = READER_GONE
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else FAILED if left.code else 0
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        sys.stderr.write(f"testbed: standard output: {error.strerror}\n")
        _let_go()
        return FAILED
    if code == READER_GONE or (code == FAILED and (_reader_gone() or _identity() != before)):
        _let_go()
        return READER_GONE
    return code


def _identity() -> tuple[int, int]:
    """Which file standard output is; rich puts another there once its reader has gone."""
    found = os.fstat(1)
    return found.st_dev, found.st_ino


def _reader_gone() -> bool:
    watch = poll()
    watch.register(1, 0)
    return any(event & POLLERR for _, event in watch.poll(0))


def _let_go() -> None:
    """What is still held back goes nowhere, so that Python does not stumble over it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    with suppress(OSError):
        sys.stdout.flush()
