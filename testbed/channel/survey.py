"""What an edge asks of a server between blocks: how fast its host is, and how it has fared.

Only where a half stands for a device (`halves/pacer.py`). Never sent while a request is under way.
"""

from typing import NamedTuple

from testbed.channel.fields import Count, Seconds, Shape, Text


class Timing(NamedTuple):
    """One stage, run that many times without waiting: medians of its host and of the device."""

    runs: Count
    host_s: Seconds
    device_s: Seconds


class Tally(NamedTuple):
    """One stage in some requests. due_s: what it would have taken the device, in all.

    overruns: how often the host took longer; overrun_s: by how much, in all.
    """

    stages: Count = 0
    overruns: Count = 0
    overrun_s: Seconds = 0.0
    due_s: Seconds = 0.0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.stages + other.stages,
            self.overruns + other.overruns,
            self.overrun_s + other.overrun_s,
            self.due_s + other.due_s,
        )


class Interference(NamedTuple):
    """What a machine did besides the work of a half; None where it does not tell.

    steal_s: its processors were lent to other virtual machines. queued_s: the half's process was
    ready and waited for a processor. preemptions: it had to give one up.
    """

    steal_s: Seconds | None
    queued_s: Seconds | None
    preemptions: Count


class Probe(NamedTuple):
    """Run the stages behind a cut on something of this decoded shape; answered by `Probed`."""

    cut: Text
    codec: Text
    shape: Shape


class Probed(NamedTuple):
    """What they took."""

    decode: Timing
    tail: Timing


class Look(NamedTuple):
    """Say how it has been since the last look; answered by `Looked`."""


class Looked(NamedTuple):
    """Of all requests since then."""

    decode: Tally
    tail: Tally
    meanwhile: Interference


Survey = Probe | Probed | Look | Looked
