"""The choice in sentences: what wins, by how much, what the limits cost, and where another wins."""

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import groupby
from math import inf, isnan

from testbed.choice.choose import Limits, Option, fastest
from testbed.results.wording import UNKNOWN, digits, joules, milliseconds, percent, rate, size

Winner = tuple[float, Option | None]
"""Uplink rate in bit/s, and what is fastest there; None where nothing keeps the limits."""


def sentences(found: Sequence[Option], limits: Limits, where: str) -> list[str]:
    """First the answer, then its reasons. where: the link and the devices, in words."""
    kept = fastest(found, limits)
    if not kept:
        return [f"Nothing keeps the limits over {where}.", *_nearest(found, limits)]
    best, *others = kept
    said = [f"{best.name} is fastest over {where}: {costs(best)}."]
    if others:
        said.append(f"Second is {others[0].name}, {_slower(best, others[0])}: {costs(others[0])}.")
    return [*said, *_price(found, limits, best)]


def over_rates(winners: Sequence[Winner]) -> list[str]:
    """Which deployment wins from which rate on; nothing where one wins throughout."""
    spans = [list(span) for _, span in groupby(winners, key=lambda each: _name(each[1]))]
    if len(spans) < 2:
        return []
    named = [
        f"{_name(span[0][1])} at {rate(span[0][0])}"
        if len(span) == 1
        else f"{_name(span[0][1])} from {rate(span[0][0])} to {rate(span[-1][0])}"
        for span in spans
    ]
    return [f"With other rates: {'; '.join(named)}."]


def _name(option: Option | None) -> str:
    return "nothing within the limits" if option is None else option.name


def costs(option: Option) -> str:
    """Latency, bytes, accuracy, and energy where it is known, in words."""
    low, high = option.ci95_s
    between = "" if low is None or high is None else f" ({_ms(low)} to {_ms(high)})"
    loss = f"{points(option.loss)} points ({points(option.loss_low)} to {points(option.loss_high)})"
    return (
        f"mean {milliseconds(option.mean_s * 1e3)}{between}, {size(option.size_bytes)} a request, "
        f"accuracy lost {loss}{_energy(option)}"
    )


def _energy(option: Option) -> str:
    if isnan(option.energy_j):
        return ""
    low_j, high_j = option.energy_range_j
    return f", {joules(option.energy_j)} at the edge ({joules(low_j)} to {joules(high_j)})"


def _slower(best: Option, other: Option) -> str:
    more_ms = (other.mean_s - best.mean_s) * 1e3
    return f"{milliseconds(more_ms)} ({percent(other.mean_s / best.mean_s - 1)}) slower"


def _price(found: Sequence[Option], limits: Limits, best: Option) -> list[str]:
    """What each limit costs: how much faster it would be without it."""
    said = []
    for limit in fields(Limits):
        without = fastest(found, replace(limits, **{limit.name: inf}))
        if without[0].name != best.name:
            gained = milliseconds((best.mean_s - without[0].mean_s) * 1e3)
            words = limit.name.rpartition("_")[0].replace("_", " ")
            said.append(
                f"Without the limit on {words}: {without[0].name}, {gained} less, "
                f"{costs(without[0])}."
            )
    return said


def _nearest(found: Sequence[Option], limits: Limits) -> list[str]:
    """Where nothing keeps all limits: what keeps the most of them."""
    near = min(found, key=lambda one: (len(one.breaks(limits)), one.mean_s))
    return [f"{near.name} breaks only: {', '.join(near.breaks(limits))} ({costs(near)})."]


def points(share: float) -> str:
    """Hundredths of a share, with a sign only where it is negative: 0.31 of 0.0031."""
    return UNKNOWN if isnan(share) else f"{share * 100:.2f}"


def _ms(time_s: float) -> str:
    return digits(time_s * 1e3)
