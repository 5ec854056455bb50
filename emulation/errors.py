"""Everything that can go wrong with a link.

EmulationError
├── SpecError            a value no link can have (bad unit, negative rate, bad trace)
├── LinkUnavailable      this machine cannot give the backend that was asked for
├── LinkOutOfTolerance   the link is there, but is not the one that was configured
└── LinkFault            the link broke while it was in use
    └── CommandFailed    a command that builds or drives the link ended badly
"""

from collections.abc import Sequence


class EmulationError(Exception):
    """Base of every error this package raises on purpose."""


class SpecError(EmulationError, ValueError):
    """A value that no link can have; the message says what was found and what is allowed."""


class LinkUnavailable(EmulationError):
    """The machine cannot give this backend; the message says what is missing and how to get it."""


class LinkOutOfTolerance(EmulationError):
    """The probe measured something else than was configured."""


class LinkFault(EmulationError):
    """The link broke while it was in use."""


class CommandFailed(LinkFault):
    """A command (ip, tc, ...) failed; keeps what was attempted and what it said."""

    def __init__(self, argv: Sequence[str], returncode: int, stderr: str) -> None:
        self.argv = tuple(argv)
        self.returncode = returncode
        self.stderr = stderr.strip()
        super().__init__(f"{' '.join(argv)}: exit {returncode}: {self.stderr or 'no message'}")
