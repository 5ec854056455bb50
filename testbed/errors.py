"""Errors the command line turns into one line and an exit code.

TestbedError          1   anything else that ends a run
├── BadInput          2   file, key, what was found, what is allowed
├── PeerLost          1   a half ended or went silent when it was needed
└── ProtocolError     1   a message that is not ours; the halves count it and go on

Errors of the link live in `emulation.errors` (SpecError 2, LinkUnavailable and
LinkOutOfTolerance 3); `exit_code` knows both trees.
"""

from emulation.errors import LinkOutOfTolerance, LinkUnavailable, SpecError


class TestbedError(Exception):
    """Base of every error this package raises on purpose."""

    __test__ = False  # pytest would collect the name
    exit_code = 1


class BadInput(TestbedError):
    """Something the user gave cannot be used; the message is one line and says what is allowed."""

    exit_code = 2


class PeerLost(TestbedError):
    """The other half (or a child process) ended or went silent when it was needed."""


class ProtocolError(TestbedError):
    """A message that breaks the protocol: unknown version, wrong shape, too large, garbage."""


def exit_code(error: Exception) -> int:
    """The exit code an error of either tree stands for."""
    if isinstance(error, TestbedError):
        return error.exit_code
    if isinstance(error, LinkUnavailable | LinkOutOfTolerance):
        return 3
    return BadInput.exit_code if isinstance(error, SpecError) else TestbedError.exit_code


def one_line(error: Exception) -> str:
    """The message with its line breaks taken out."""
    return " ".join(str(error).split())
