"""Which deployment is best over a scenario's link, on its devices, within limits that are stated.

All candidates go through virtual time in the same weather; what each costs in accuracy comes from
`table.py`. What breaks no limit and is fastest wins; the front of the others says what more bytes,
memory or accuracy would buy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import inf, isnan, nan
from statistics import fmean

import pandas as pd

from testbed.choice.front import front
from testbed.choice.judge import Judgement
from testbed.config.arrivals import Closed
from testbed.config.deployments import DeploymentEntry, identity_of
from testbed.config.scenario import Scenario
from testbed.results.comparison import MAX_LOST
from testbed.results.energy import PARTS, model_range
from testbed.results.estimates import Interval, mean_interval, quantile
from testbed.results.power import EdgePower
from testbed.results.record import Outcome
from testbed.results.summary import power_of
from testbed.virtual.repertoire import DeploymentProfile, Repertoire
from testbed.virtual.simulate import simulate

REPEATS, REQUESTS, WARMUP = 10, 12, 2
"""Of each candidate in virtual time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a choice may cost. accuracy_loss: of every task against the whole network, 0..1.

    deadline_s: that all but 5 of 100 requests meet. memory_bytes: of the edge's part: weights, and
    the most that exists of one image's way through them. size_bytes: of what crosses, mean.
    energy_j: at the edge, mean, as it is modelled.
    """

    accuracy_loss: float = inf
    deadline_s: float = inf
    memory_bytes: float = inf
    size_bytes: float = inf
    energy_j: float = inf


@dataclass(frozen=True, slots=True)
class Performance:
    """Of one deployment's requests over a link.

    Latency, in seconds: mean_s of those answered, infinite where more than MAX_LOST are lost;
    ci95_s of the mean, over repeats; p95_s of all, infinite where more are lost. energy_j: of a
    request at the edge, mean, NaN where it is not known; energy_range_j: the least and the most
    that the figures of device and radio allow.
    """

    mean_s: float
    ci95_s: Interval
    p95_s: float
    energy_j: float
    energy_range_j: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Option(Performance):
    """One candidate and what it costs.

    loss, loss_low, loss_high: accuracy of the task that loses most, against the whole network.
    """

    name: str
    entry: DeploymentEntry
    loss: float
    loss_low: float
    loss_high: float
    agreement: float
    size_bytes: float
    memory_bytes: float
    on_front: bool = False

    def over(self, link: Performance) -> "Option":
        """The same with what it does over another link; whether it is on a front is not known."""
        of_link = {field.name: getattr(link, field.name) for field in fields(Performance)}
        return replace(self, **of_link, on_front=False)

    def breaks(self, limits: Limits) -> list[str]:
        """The limits that it does not keep, in words; none where it may be chosen."""
        broken = {
            "accuracy": self.loss > limits.accuracy_loss,
            "deadline": self.p95_s > limits.deadline_s,
            "memory": self.memory_bytes > limits.memory_bytes,
            "bytes": self.size_bytes > limits.size_bytes,
            "energy": self.energy_j > limits.energy_j,
        }
        return [name for name, is_broken in broken.items() if is_broken]


def asked(scenario: Scenario, entries: Sequence[DeploymentEntry]) -> Scenario:
    """All candidates over the scenario's link, in virtual time.

    Requests come one after the other: how fast a deployment is, not how it queues.
    """
    workload = scenario.workload.model_copy(
        update={"requests": REQUESTS, "warmup": WARMUP, "arrival": Closed()}
    )
    update = {"deployments": tuple(entries), "workload": workload, "repeats": REPEATS}
    return scenario.model_copy(update=update)


def options(
    asked: Scenario,
    repertoire: Repertoire,
    judged: Sequence[Judgement],
    memory_bytes: Sequence[float],
) -> list[Option]:
    """Each deployment of `asked`, fastest first, those on the front marked.

    judged, memory_bytes: of the deployments, in their order. Energy has a say in the front where it
    is known of all.
    """
    of_each = performances(asked, repertoire)
    found = [
        _option(entry, of_each[identity_of(entry).name], one, memory)
        for entry, one, memory in zip(asked.deployments, judged, memory_bytes, strict=True)
    ]
    costs = [[one.mean_s, one.loss, one.size_bytes, one.memory_bytes] for one in found]
    if not any(isnan(one.energy_j) for one in found):
        costs = [[*each, one.energy_j] for each, one in zip(costs, found, strict=True)]
    marked = [replace(one, on_front=bool(on)) for one, on in zip(found, front(costs), strict=True)]
    return sorted(marked, key=lambda one: one.mean_s)


def fastest(found: Sequence[Option], limits: Limits) -> list[Option]:
    """Those that keep the limits, fastest first; of equal ones those that lose less accuracy."""
    kept = [one for one in found if not one.breaks(limits) and one.mean_s < inf]
    return sorted(kept, key=lambda one: (one.mean_s, one.loss))


def at_rates(asked: Scenario, factors: Sequence[float]) -> list[Scenario]:
    """The same with both rates of the link times each factor; none where a trace is its rate."""
    link = asked.link
    if link.uplink.rate is None or link.downlink.rate is None:
        return []
    found = []
    for factor in factors:
        up = link.uplink.model_copy(update={"rate": link.uplink.rate * factor})
        down = link.downlink.model_copy(update={"rate": link.downlink.rate * factor})
        update = {"link": link.model_copy(update={"uplink": up, "downlink": down})}
        found.append(asked.model_copy(update=update))
    return found


def ends_of(profile: DeploymentProfile) -> tuple[float, float]:
    """Seconds of a request at the edge and at the server, means, coding included."""
    stages = profile.at_once
    edge_s = fmean(stages.head_s) + fmean(stages.encode_s)
    return edge_s, fmean(stages.server_decode_s) + fmean(stages.server_tail_s)


def performances(asked: Scenario, repertoire: Repertoire) -> dict[str, Performance]:
    """Of each deployment of a scenario in virtual time, by its name."""
    requests, link = simulate(asked, repertoire)
    power = power_of(link)
    return {str(name): _performance(rows, power) for name, rows in requests.groupby("deployment")}


def _performance(requests: pd.DataFrame, power: EdgePower | None) -> Performance:
    answered = requests[requests["outcome"] != Outcome.LOST]
    by_repeat = answered.groupby("repeat")["latency_s"]
    lost = 1 - len(answered) / len(requests)
    p95_s = quantile(answered["latency_s"].to_numpy(float), len(requests), 0.95)
    parts_j = {part: float(requests[f"energy_{part}_j"].mean()) for part in PARTS}
    return Performance(
        mean_s=float(answered["latency_s"].mean()) if lost <= MAX_LOST else inf,
        ci95_s=mean_interval(by_repeat.mean().tolist(), by_repeat.size().tolist()),
        p95_s=inf if p95_s is None else p95_s,
        energy_j=float(requests["edge_energy_j"].mean()),
        energy_range_j=(nan, nan) if power is None else model_range(parts_j, power),
    )


def _option(
    entry: DeploymentEntry, over_link: Performance, judged: Judgement, memory_bytes: float
) -> Option:
    loss, low, high = judged.worst_loss()
    return Option(
        **{field.name: getattr(over_link, field.name) for field in fields(Performance)},
        name=judged.name,
        entry=entry,
        loss=loss,
        loss_low=low,
        loss_high=high,
        agreement=judged.agreement(),
        size_bytes=judged.mean_bytes,
        memory_bytes=memory_bytes,
    )
