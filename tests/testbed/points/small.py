"""Points whose work is arithmetic, where other processes can import it."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from testbed.points.store import Point, PointStore
from testbed.points.worklist import Progress, Work, Workers, Worklist

AGAIN = "testbed again"


def points(*numbers: int) -> list[Point[int]]:
    return [Point(f"digest{n}", n, {"number": n}, cost=float(n)) for n in numbers]


def squared(number: int) -> dict[str, float]:
    """13 fails, 99 kills its process."""
    if number == 13:
        raise FloatingPointError("the loss\nis no number")
    if number == 99:
        os._exit(1)
    return {"square": float(number**2)}


def do(
    folder: Path,
    wanted: Sequence[Point[int]],
    work: Work[int] = squared,
    workers: Workers | None = None,
    say: Callable[[str], None] = lambda line: None,
    on_progress: Callable[[Progress[int]], None] = lambda progress: None,
) -> Worklist[int]:
    """All that is missing in `folder`, done."""
    worklist = Worklist(wanted, PointStore(folder, "squares"), say, AGAIN)
    worklist.do(worklist.missing, work, workers or Workers(), on_progress)
    return worklist
