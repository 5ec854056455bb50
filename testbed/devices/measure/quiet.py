"""Whether the machine has other things to do: then what it takes for ours says too much."""

import os
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import NamedTuple

STAT = Path("/proc/stat")
WATCHED_S = 1.0
MOST_BUSY, MOST_STOLEN = 0.1, 0.02


class Quiet(NamedTuple):
    """busy, stolen: shares of all processors' time in a second before; None where unknown."""

    busy: float | None
    stolen: float | None
    load_average: float | None

    def against(self) -> str:
        """What speaks against measuring now; empty where nothing does."""
        if self.stolen is not None and self.stolen > MOST_STOLEN:
            return f"{self.stolen:.0%} of its time was taken by the host above it"
        if self.busy is not None and self.busy > MOST_BUSY:
            return f"its processors were busy for {self.busy:.0%} of a second before"
        return ""


def look() -> Quiet:
    """Watch the machine for a second."""
    before = _ticks()
    sleep(WATCHED_S)
    after, load = _ticks(), None
    with suppress(OSError, AttributeError):
        load = round(os.getloadavg()[0], 2)
    if before is None or after is None:
        return Quiet(None, None, load)
    busy, stolen, total = (late - early for early, late in zip(before, after, strict=True))
    return Quiet(round(busy / max(1, total), 3), round(stolen / max(1, total), 3), load)


def _ticks() -> tuple[int, int, int] | None:
    """Busy, stolen and all ticks since boot (proc(5)); None where there is no such file."""
    with suppress(OSError, ValueError):
        user, nice, system, idle, waits, hard, soft, stolen = map(
            int, STAT.read_text().split("\n", 1)[0].split()[1:9]
        )
        busy = user + nice + system + hard + soft
        return busy, stolen, busy + idle + waits + stolen
    return None
