"""Deployments compared within repeats: who is fastest, by how much, and how surely.

In a repeat the deployments take turns, so what the host and the link did then falls on all alike,
and leaves the difference between two of them.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from testbed.results.estimates import mean_interval
from testbed.results.record import Outcome
from testbed.results.wording import UNKNOWN, milliseconds, percent

MAX_LOST = 0.05
"""Share of requests above which the mean of the others no longer says how fast a deployment is."""

METHOD = "paired by repeat: 95 % from Student's t over the repeats' differences of means"


class Difference(TypedDict):
    """By how much the mean latency of `slower` is above that of `faster`; all in milliseconds.

    ci95: its interval; None twice where there are less than two repeats that both have.
    """

    faster: str
    slower: str
    mean_ms: float
    ci95_ms: list[float | None]


class Ranking(TypedDict):
    """order: the deployments, smallest mean latency first. unranked: those that lost too much.

    differences: of every two that are ranked, in that order.
    """

    order: list[str]
    unranked: list[str]
    differences: list[Difference]


def ranking(requests: pd.DataFrame, deployments: Sequence[Mapping[str, Any]]) -> Ranking:
    """Rank the deployments. deployments: as in summary.json. requests: from `table.table_of`."""
    mean_ms = {d["name"]: d["latency_ms"]["mean"] for d in deployments}
    lost = {d["name"]: d["lost"] > MAX_LOST * d["requests"] for d in deployments}
    unranked = [name for name, mean in mean_ms.items() if mean is None or lost[name]]
    order = sorted((name for name in mean_ms if name not in unranked), key=lambda n: mean_ms[n])
    answered = requests[requests["outcome"] != Outcome.LOST]
    by_repeat = (
        answered.groupby(["deployment", "repeat"])["latency_s"].mean().unstack("repeat") * 1e3
    )
    differences = [
        _difference(faster, slower, by_repeat.loc[slower] - by_repeat.loc[faster])
        for faster, slower in combinations(order, 2)
    ]
    return {
        "order": order,
        "unranked": unranked,
        "differences": [one for one in differences if one is not None],
    }


def _difference(faster: str, slower: str, of_repeats: "pd.Series[float]") -> Difference | None:
    known = of_repeats.dropna().tolist()
    if not known:
        return None
    interval = mean_interval(known, [1] * len(known))
    return {"faster": faster, "slower": slower, "mean_ms": fmean(known), "ci95_ms": list(interval)}


def told_apart(one: Difference) -> bool:
    """Whether its interval leaves out 0."""
    low = one["ci95_ms"][0]
    return low is not None and low > 0


def answer(summary: Mapping[str, Any]) -> list[str]:
    """What a run found, in sentences: the fastest, the deadline, who is not ranked and why."""
    found: Ranking = summary["ranking"]
    deployments = {d["name"]: d for d in summary["deployments"]}
    said = [_fastest(found, deployments)]
    deadline = milliseconds(summary["deadline_ms"])
    names = [*found["order"], *found["unranked"]]
    if any(deployments[name]["requests"] for name in names):
        in_time = _of_100(deployments, names, "answered")
        said.append(f"Within {deadline}, of 100 requests: {in_time}.")
    if any(deployments[name]["fell_back"] for name in names):
        here = _of_100(deployments, names, "fell_back")
        said.append(f"Answered by the edge in the server's stead, of 100 requests: {here}.")
    for name in found["unranked"]:
        requests, lost = deployments[name]["requests"], deployments[name]["lost"]
        if requests:
            said.append(
                f"{name} is not ranked: it lost {percent(lost / requests)} of its requests."
            )
    return said


def _fastest(found: Ranking, deployments: Mapping[str, Any]) -> str:
    if not found["order"]:
        return "No deployment answered enough of its requests to be ranked."
    best, *others = found["order"]
    mean = milliseconds(deployments[best]["latency_ms"]["mean"])
    if not others:
        return f"{best} has a mean of {mean}; there is nothing to rank it with."
    to_best = [one for one in found["differences"] if one["faster"] == best]
    open_ones = [one for one in to_best if not told_apart(one)]
    if open_ones:
        others_open = " and ".join(one["slower"] for one in open_ones)
        by = ", ".join(map(_by, open_ones))
        return f"No difference is shown between {best} (mean {mean}) and {others_open}: {by}."
    return f"{best} is fastest: mean {mean}, {_by(to_best[0])} less than {to_best[0]['slower']}."


def _by(one: Difference) -> str:
    low, high = one["ci95_ms"]
    if low is None or high is None:
        return f"{milliseconds(one['mean_ms'])}, in one repeat, which tells no spread"
    return f"{milliseconds(one['mean_ms'])} ({_plain(low)} to {_plain(high)})"


def _plain(value_ms: float) -> str:
    return np.format_float_positional(float(f"{value_ms:.3g}"), trim="-")


def _of_100(deployments: Mapping[str, Any], names: Sequence[str], which: str) -> str:
    """How many requests of each deployment there are of a kind."""
    told = []
    for name in names:
        requests, found = deployments[name]["requests"], deployments[name][which]
        told.append(f"{name} {100 * found / requests:.3g}" if requests else f"{name} {UNKNOWN}")
    return ", ".join(told)
