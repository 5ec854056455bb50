"""A run in numbers: what each deployment took, lost and got right, and on which link.

`summarise` turns the table of requests into one plain dict (strict JSON: an unknown number is
null). Estimates and their intervals are in `estimates.py`; `terminal/` and `figures/` show
the dict, `runs/folder.py` keeps it.
"""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any, Literal, NotRequired, TypedDict

import pandas as pd

from emulation.spec import LaneSpec, LinkSpec
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.config.weights import Weights
from testbed.results import comparison, estimates
from testbed.results.aggregates import aggregate, summarised
from testbed.results.energy import model_range
from testbed.results.power import EdgePower
from testbed.results.record import Outcome
from testbed.results.table import FIXED, LABEL, PREDICTED, tasks_of
from testbed.storage.strict_json import plain

SCHEMA = 1

METHOD = {
    "intervals": estimates.METHOD,
    "differences": comparison.METHOD,
    "percentiles": "nearest rank over all requests; a lost one is infinitely slow, so null means "
    "the percentile falls among the lost",
    "percentile_intervals": "95 % from the ranks' binomial distribution",
    "means": "latency and stages over requests that got an answer, late ones included; bytes and "
    "accuracy over all requests, a lost one having no correct answer; null for untrained weights",
    "fallback": "fell_back: of how many answers the edge computed itself, as the server's did not "
    "come in time; they are in all means, and their classes in the accuracy",
    "energy": "a model, above what the edge draws when it rests; mean over all requests; low and "
    "high: with all figures of the device and the radio at their lowest, or all at their highest",
    "measured_energy": "of the edge's machine as it is, what it draws when it rests included: "
    "joules of the blocks, without their warm-up, to their requests",
}


class Spread(TypedDict):
    """Middle and tail of some times, in milliseconds."""

    p50: float | None
    p99: float | None


class AchievedLink(TypedDict):
    """What the probe measured before the run; None where it could not tell."""

    uplink_rate_bps: float | None
    downlink_rate_bps: float | None
    rtt_ms: Spread
    uplink_loss: float | None
    downlink_loss: float | None


HALVES = ("edge", "server")

NO_LINK = "none"
"""Backend of a run whose halves were started by hand."""


class LinkFacts(TypedDict):
    """What a run found out about its link; `detail` joins it in link.json.

    backend: its name, NO_LINK where halves were started by hand on a link that is not ours.
    configured: from `configured_link`; None where the link is not ours.
    achieved: the probe's findings. within_tolerance: None when it was not checked. floor_ms:
    latency of a null model on an unshaped link. devices: edge and server -> what is known of the
    device each stands for; None or left out for the host itself. edge_power: `EdgePower` as plain
    values. energy_by_block: what a counter of the edge's machine told of each attempt at a block:
    deployment, repeat, attempt, joules, counter. detail: whatever else is worth keeping (why this
    backend, what was configured, commands, versions, counters).
    """

    backend: str
    configured: dict[str, Any] | None
    achieved: AchievedLink
    within_tolerance: bool | None
    floor_ms: Spread
    devices: NotRequired[dict[str, Any] | None]
    edge_power: NotRequired[dict[str, Any] | None]
    energy_by_block: NotRequired[Sequence[Mapping[str, Any]]]
    detail: dict[str, Any]


def summarise(
    scenario: Scenario,
    requests: pd.DataFrame,
    link: LinkFacts,
    weights: Weights,
    clock: Literal["wall", "virtual"] = "wall",
) -> dict[str, Any]:
    """Summarise a run. `requests` comes from `table.table_of`; every request due is a row.

    answered (in time) + late + lost == requests, for each deployment. `METHOD` says what each
    number is taken over, and travels with the result. The stages' means sum to the mean latency.
    Where `weights` are untrained, accuracy is unknown: what came out would only look like one.
    """
    deployments = [
        identity._asdict()
        | _deployment(requests[requests["deployment"] == identity.name], weights, link)
        for identity in map(identity_of, scenario.deployments)
    ]
    summary: dict[str, Any] = {
        "schema": SCHEMA,
        "scenario": scenario.name,
        "backend": link["backend"],
        "clock": clock,
        "deadline_ms": scenario.workload.deadline * 1e3,
        "fallback_after_ms": None if scenario.edge.after is None else scenario.edge.after * 1e3,
        "repeats": scenario.repeats,
        "link": {
            "configured": link["configured"],
            "achieved": link["achieved"],
            "within_tolerance": link["within_tolerance"],
        },
        "floor_ms": link["floor_ms"],
        "devices": link.get("devices"),
        "compute_range": compute_range(link.get("devices")),
        "edge_power": link.get("edge_power"),
        "weights": weights._asdict(),
        "method": METHOD,
        "ranking": comparison.ranking(requests, deployments),
        "deployments": deployments,
    }
    summary["answer"] = comparison.answer(summary)
    result: dict[str, Any] = plain(summary)
    return result


def compute_range(devices: Mapping[str, Any] | None) -> dict[str, dict[str, float | None]]:
    """Of each half: the least and the most that computing may take, to what it took here.

    From what is known of the device that the half stands for; None where that is nothing, as of a
    host, which takes what it takes.
    """
    found: dict[str, dict[str, float | None]] = {}
    for half in HALVES:
        scale = devices[half]["scales"]["compute"] if devices and half in devices else {}
        ends = {"low": scale.get("lowest"), "high": scale.get("highest")}
        found[half] = {
            end: None if value is None else value / scale["times"] for end, value in ends.items()
        }
    return found


def link_not_ours(detail: dict[str, Any]) -> LinkFacts:
    """The facts of a run over a real link between two machines: nothing is known of it."""
    unknown: Spread = {"p50": None, "p99": None}
    return {
        "backend": NO_LINK,
        "configured": None,
        "achieved": {
            "uplink_rate_bps": None,
            "downlink_rate_bps": None,
            "rtt_ms": unknown,
            "uplink_loss": None,
            "downlink_loss": None,
        },
        "within_tolerance": None,
        "floor_ms": unknown,
        "detail": detail,
    }


def link_json(link: LinkFacts) -> dict[str, Any]:
    """What link.json holds: the facts with their detail beside them."""
    facts: dict[str, Any] = {name: value for name, value in link.items() if name != "detail"}
    return facts | link["detail"]


def configured_link(spec: LinkSpec) -> dict[str, Any]:
    """The link as asked for, under the names the probe uses. A rate of None is unlimited."""
    return {
        "uplink_rate_bps": spec.uplink.mean_rate_bps,
        "downlink_rate_bps": spec.downlink.mean_rate_bps,
        "rtt_ms": (spec.uplink.delay_s + spec.downlink.delay_s) * 1e3,
        "uplink_loss": spec.uplink.mean_loss,
        "downlink_loss": spec.downlink.mean_loss,
        "uplink_jitter_ms": spec.uplink.jitter_s * 1e3,
        "downlink_jitter_ms": spec.downlink.jitter_s * 1e3,
        "congestion_control": spec.congestion_control,
        "uplink_outages_s": [[one.start_s, one.end_s] for one in spec.uplink.outages],
        "downlink_outages_s": [[one.start_s, one.end_s] for one in spec.downlink.outages],
        "varies": _varies(spec.uplink) or _varies(spec.downlink),
    }


def _varies(lane: LaneSpec) -> bool:
    """Whether the rate above is only a mean over time."""
    return lane.trace is not None or bool(lane.outages)


def power_of(link: LinkFacts) -> EdgePower | None:
    """What the edge draws; None where the facts are from before it was asked."""
    facts = link.get("edge_power")
    return None if facts is None else EdgePower.model_validate(facts)


def _deployment(rows: pd.DataFrame, weights: Weights, link: LinkFacts) -> dict[str, Any]:
    answered = rows[rows["outcome"] != Outcome.LOST]
    numbers: dict[str, Any] = {"requests": len(rows)}
    for column in summarised(FIXED):
        _put(numbers, column.summary, aggregate(column, rows, answered))
    power = power_of(link)
    ends_j = (nan, nan) if power is None else model_range(numbers["energy_by_part_j"], power)
    numbers["edge_energy_j"] |= dict(zip(("low", "high"), ends_j, strict=True))
    numbers["measured_energy_j"] = _measured_j(rows, link.get("energy_by_block", ()))
    accuracy = _accuracy(rows, answered)
    return numbers | {"accuracy": dict.fromkeys(accuracy) if weights.untrained else accuracy}


def _measured_j(rows: pd.DataFrame, blocks: Sequence[Mapping[str, Any]]) -> float | None:
    """Joules a request by the counter of the edge's machine; None where not every block has any."""
    of_block = {(b["deployment"], b["repeat"], b["attempt"]): b["joules"] for b in blocks}
    keys = rows[["deployment", "repeat", "attempt"]].drop_duplicates()
    found = [of_block.get(key) for key in keys.itertuples(index=False, name=None)]
    joules = [one_j for one_j in found if one_j is not None]
    return sum(joules) / len(rows) if joules and len(joules) == len(found) else None


def _put(numbers: dict[Any, Any], place: Sequence[str | int], value: Any) -> None:
    """Put a value where `place` leads; a dict that has no place of its own joins the others."""
    if not place:
        numbers |= value
        return
    *outer, last = place
    for key in outer:
        numbers = numbers.setdefault(key, {})
    numbers[last] = value


def _accuracy(rows: pd.DataFrame, answered: pd.DataFrame) -> Mapping[str, float]:
    """Share of labelled requests answered correctly, for each task the network predicts."""
    accuracy = {}
    for task in tasks_of(rows):
        labelled = rows[rows[LABEL + task].notna()]
        if labelled.empty:
            continue
        if PREDICTED + task not in rows or answered[PREDICTED + task].isna().all():
            if not answered.empty:
                continue  # answers without this task: the network does not predict it
            accuracy[task] = 0.0
        else:
            right = labelled[PREDICTED + task] == labelled[LABEL + task]
            accuracy[task] = float(right.fillna(False).mean())
    return accuracy
