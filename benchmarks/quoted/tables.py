"""Tables in Markdown, and figures in words."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

from testbed.results.wording import milliseconds, rate


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Rows below their heads; of a cell's spaces at its end one is left."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("  |", " |") for cells in lines)


def wrapped(words: str) -> str:
    """Lines of at most a hundred characters."""
    return re.sub(r"(.{1,100})(?:\s+|$)", r"\1\n", words)


def plain(value_ms: float | None) -> str:
    """Milliseconds without their unit."""
    return milliseconds(value_ms).removesuffix(" ms")


def between(low_bps: float, high_bps: float) -> str:
    """An interval, each end of which may lie beyond the sweep and is NaN then."""
    ends = [("from", low_bps), ("to", high_bps)]
    said = [f"{word} {rate(end_bps)}" for word, end_bps in ends if not isnan(end_bps)]
    return " ".join(said)


def read_json(file: Path) -> Any:
    """What a file says."""
    return json.loads(file.read_text(encoding="utf-8"))


def by_scenario(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    """Rows of one scenario together, in the order they are met."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["scenario"]].append(row)
    return found
