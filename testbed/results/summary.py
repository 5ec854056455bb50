"""A run in numbers: what each deployment took, lost and got right, and on which link.

`summarise` turns the table of requests into one plain dict (strict JSON: an unknown number is
null). Estimates and their intervals are in `estimates.py`; `terminal/` and `figures/` show
the dict, `run_folder.py` keeps it.
"""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

import pandas as pd

from emulation.spec import LaneSpec, LinkSpec
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.config.weights import Weights
from testbed.results import estimates
from testbed.results.derived import STAGES
from testbed.results.record import Outcome
from testbed.results.table import LABEL, PREDICTED, tasks_of
from testbed.strict_json import plain

SCHEMA = 1
PERCENTILES = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}

METHOD = {
    "intervals": estimates.BOOTSTRAP_METHOD,
    "percentiles": "nearest rank over all requests; a lost one is infinitely slow, so null means "
    "the percentile falls among the lost",
    "percentile_intervals": "95 % from the ranks' binomial distribution",
    "means": "latency and stages over requests that got an answer, late ones included; bytes and "
    "accuracy over all requests, a lost one having no correct answer; null for untrained weights",
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


NO_LINK = "none"
"""Backend of a run whose halves were started by hand."""


class LinkFacts(TypedDict):
    """What a run found out about its link; `detail` joins it in link.json.

    backend: its name, NO_LINK where halves were started by hand on a link that is not ours.
    configured: from `configured_link`; None where the link is not ours.
    achieved: the probe's findings. within_tolerance: None when it was not checked. floor_ms:
    latency of a null model on an unshaped link. detail: whatever else is worth keeping (why this
    backend, what was configured, commands, versions, counters).
    """

    backend: str
    configured: dict[str, Any] | None
    achieved: AchievedLink
    within_tolerance: bool | None
    floor_ms: Spread
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
    seed = seed_for(scenario.seed, "bootstrap")
    summary = {
        "schema": SCHEMA,
        "scenario": scenario.name,
        "backend": link["backend"],
        "clock": clock,
        "deadline_ms": scenario.workload.deadline * 1e3,
        "repeats": scenario.repeats,
        "link": {
            "configured": link["configured"],
            "achieved": link["achieved"],
            "within_tolerance": link["within_tolerance"],
        },
        "floor_ms": link["floor_ms"],
        "weights": weights._asdict(),
        "method": METHOD,
        "deployments": [
            identity._asdict()
            | _deployment(requests[requests["deployment"] == identity.name], seed, weights)
            for identity in map(identity_of, scenario.deployments)
        ],
    }
    result: dict[str, Any] = plain(summary)
    return result


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
        "varies": _varies(spec.uplink) or _varies(spec.downlink),
    }


def _varies(lane: LaneSpec) -> bool:
    """Whether the rate above is only a mean over time."""
    return lane.trace is not None or bool(lane.outages)


def _deployment(rows: pd.DataFrame, seed: int, weights: Weights) -> dict[str, Any]:
    outcomes = rows["outcome"].value_counts()
    answered = rows[rows["outcome"] != Outcome.LOST]
    accuracy = _accuracy(rows, answered)
    return {
        "requests": len(rows),
        **{str(outcome): int(outcomes.get(str(outcome), 0)) for outcome in Outcome},
        "latency_ms": _latency_ms(rows, answered, seed),
        "stages_ms": {
            stage: estimates.mean(answered[f"stage_{stage}_s"] * 1e3) for stage in STAGES
        },
        "payload_bytes": {way: _bytes(rows[f"payload_{way}_bytes"]) for way in ("up", "down")},
        "wire_bytes": {way: _bytes(rows[f"wire_{way}_bytes"]) for way in ("up", "down")},
        "accuracy": dict.fromkeys(accuracy) if weights.untrained else accuracy,
    }


def _latency_ms(rows: pd.DataFrame, answered: pd.DataFrame, seed: int) -> dict[str, Any]:
    known = answered["latency_s"].to_numpy(float) * 1e3
    low, high = estimates.mean_interval(known, seed)
    by_repeat = [
        estimates.mean(block["latency_s"] * 1e3) for _, block in answered.groupby("repeat")
    ]
    return {
        "mean": estimates.mean(known),
        "ci95": [low, high],
        **{
            name: estimates.quantile(known, len(rows), share) for name, share in PERCENTILES.items()
        },
        "percentiles_ci95": {
            name: list(estimates.quantile_interval(known, len(rows), share))
            for name, share in PERCENTILES.items()
        },
        "mean_by_repeat": by_repeat,
    }


def _bytes(column: "pd.Series[Any]") -> float | None:
    """Mean per request over those whose size is known; None when no one's is."""
    return estimates.mean(column[column >= 0])


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
