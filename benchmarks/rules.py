"""Rules by which a deployment may be chosen, and what each gives away; imports no torch."""

from collections.abc import Mapping, Sequence
from math import inf
from statistics import median
from typing import Any

ACCURACY_LOSS = 0.01
"""Of every task, at most."""
NEAR = 0.05
"""A choice within so much of the best is as good."""
CHOOSE, CLOSED_FORM = "testbed choose", "closed form"
FIXED: Mapping[str, str] = {
    "always local": "local",
    "always remote, JPEG": "remote-jpeg-q90-resized",
    "always remote, raw": "remote-raw-resized",
    "published cut, fp16": "split-fp16",
}
"""Rules that look at nothing."""
RULES = (CHOOSE, CLOSED_FORM, *FIXED)

Row = dict[str, Any]
"""Of one cell: picked (rule -> deployment), loss, virtual_ms and wall_ms (deployment -> number)."""
Regret = tuple[float, float]
"""ms, and share of the best's latency."""


def regrets(rows: Sequence[Row], rule: str, clock: str) -> list[Regret]:
    """What a rule gives away in each cell, against the best that keeps the accuracy.

    clock: virtual or wall; cells that it has not are left out.
    """
    found = []
    for row in rows:
        taken_ms: Mapping[str, float | None] | None = row[f"{clock}_ms"]
        if taken_ms is None:
            continue
        chosen_ms, best_ms = taken_ms[row["picked"][rule]], min(kept(row, taken_ms).values())
        # Rounded: of two that take the same, the sums may differ in their last bit.
        more_ms = inf if chosen_ms is None else max(0.0, round(chosen_ms - best_ms, 9))
        found.append((more_ms, more_ms / best_ms))
    return found


def kept(row: Row, taken_ms: Mapping[str, float | None]) -> dict[str, float]:
    """Those that keep the accuracy and are answered."""
    return {
        name: ms
        for name, ms in taken_ms.items()
        if ms is not None and row["loss"][name] <= ACCURACY_LOSS
    }


def summed_up(of_rule: Sequence[Regret]) -> tuple[int, Regret, Regret]:
    """How many are within NEAR; medians of ms and of share; the worst of both."""
    near = sum(share <= NEAR for _, share in of_rule)
    by_ms, by_share = zip(*of_rule, strict=True)
    return near, (median(by_ms), median(by_share)), (max(by_ms), max(by_share))
