"""A finished sweep as figures and tables see it."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep, all done.

    axes: for each axis the dotted keys that move together along it; each is a column of `table`
    (SI units; see `sweep/columns.py`). table: one row a point and deployment, in the sweep's
    order. folder: where it lies.
    """

    name: str
    description: str
    axes: tuple[tuple[str, ...], ...]
    table: pd.DataFrame
    folder: Path
