"""Processors that do not fall asleep between requests, where the system lets us ask for it.

An idle processor goes to sleep, and a virtual one is lent to others: after it the same work takes
longer, the more so the longer the wait was. Then a slow link would make slow computers.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

DEVICE = Path("/dev/cpu_dma_latency")
NO_LATENCY = bytes(4)
"""A native 32-bit count of microseconds."""


@contextmanager
def awake(device: Path = DEVICE) -> Iterator[bool]:
    """Keep processors from sleeping; False where that cannot be had (no Linux, no root).

    Linux's PM QoS (Documentation/power/pm_qos_interface.rst), as cyclictest uses it: it holds as
    long as the file is open, so nothing stays behind, however the process ends.
    """
    granted = False
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(device.open("r+b", buffering=0)).write(NO_LATENCY)
            granted = True
        yield granted
