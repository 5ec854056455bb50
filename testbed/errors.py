"""Errors the command line turns into one line and an exit code, drawn whole.

Behind each its exit code, and where it lives if not here.

TestbedError                1  anything else that ends a command
├── BadInput                2  file, key, what was found, what is allowed
│   └── CannotDraw          2  figures.axis: a kind of figure that these results do not give
├── PeerLost                1  a half ended or went silent when it was needed
├── ProtocolError           1  a message that is not ours; the halves count it and go on
├── RunDamaged              1  something is missing in a run; what was measured is kept
├── HostOutOfTolerance      3  the host is not as fast as the device it is to stand for
├── CutMismatch             1  halves.equality: cut in two, the network is another
├── ServerEnded             1  commands.foreground: a program at the server end ended too early
├── NotTheSame              1  commands.reproduce: trained again, a network came out as another
├── PointsFailed            1  commands.sweep: some points of a sweep
├── WorkerKilled            1  points.pool: a process ended in the middle of a task
├── Unfit                   1  points.cluster: a worker that can do no task at all
├── ClusterLost             1  points.cluster: nobody is left to do the tasks
└── Diverged                1  paper.training.train_trial: a training run whose loss is no number

EmulationError              1  emulation.errors, as all below it
├── SpecError               2  a value no link can have
├── LinkUnavailable         3  this machine cannot give the backend that was asked for
├── LinkOutOfTolerance      3  the link is not the one that was configured
└── LinkFault               1  the link broke while it was in use
    └── CommandFailed       1  a command that builds or drives the link ended badly
"""

from collections.abc import Iterable
from difflib import get_close_matches

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


class HostOutOfTolerance(TestbedError):
    """The host took longer for its work than the device it is to stand for."""

    exit_code = 3


class RunDamaged(TestbedError):
    """Requests or figures of a run are missing; the message says which, and where the rest is."""


def exit_code(error: Exception) -> int:
    """The exit code an error of either tree stands for."""
    if isinstance(error, TestbedError):
        return error.exit_code
    if isinstance(error, LinkUnavailable | LinkOutOfTolerance):
        return 3
    return BadInput.exit_code if isinstance(error, SpecError) else TestbedError.exit_code


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Ends what is said of a word that nobody knows: ` (did you mean x?)`, or nothing."""
    near = get_close_matches(word, list(allowed), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def one_line(error: Exception) -> str:
    """The message with its line breaks taken out."""
    return " ".join(str(error).split())
