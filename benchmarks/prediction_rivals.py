"""What a cell's latency is said to be: by the model, by a closed form, by measuring again.

Each gives the same two statistics of the same cell, and is judged by the first measurement.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from testbed.config.scenario import Scenario
from testbed.results.estimates import quantile
from testbed.virtual import simulate
from testbed.virtual.repertoire import Repertoire
from testbed.virtual.work import Replay

Statistics = dict[str, float]
"""p50 and mean of a cell's latency in seconds; the first is infinite where it is among the lost,
the second NaN where no request was answered."""

MODEL, CLOSED_FORM, AGAIN = "the model", "closed form", "measured again"
RIVALS = (MODEL, CLOSED_FORM, AGAIN)
STATISTICS = ("p50", "mean")
CHANCES = 20
"""So many runs with losses and jitter of their own, so that what chance adds to a prediction is
small beside what it adds to a measurement; schedules, arrivals and images are those measured."""


def statistics_of(latency_s: NDArray[np.float64]) -> Statistics:
    """As in a run's summary: lost requests are infinitely slow, and have no mean."""
    known = latency_s[~np.isnan(latency_s)]
    middle = quantile(known, len(latency_s), 0.5)
    return {
        "p50": np.inf if middle is None else middle,
        "mean": float(known.mean()) if known.size else np.nan,
    }


def modelled(
    scenario: Scenario, repertoire: Repertoire, chances: int
) -> tuple[dict[str, Statistics], dict[str, list[Statistics]]]:
    """By deployment: what virtual time says of all runs, and of each (as large as measured)."""
    runs = [simulate(scenario, repertoire, chance).requests for chance in range(chances)]
    each = [by_deployment(requests) for requests in runs]
    together = by_deployment(pd.concat(runs))
    return together, {name: [run[name] for run in each] for name in together}


def by_deployment(requests: pd.DataFrame) -> dict[str, Statistics]:
    """The statistics of each deployment's requests."""
    return {
        str(name): statistics_of(found["latency_s"].to_numpy(float))
        for name, found in requests.groupby("deployment")
    }


def closed_form(scenario: Scenario, repertoire: Repertoire) -> dict[str, Statistics]:
    """By deployment: compute, one round trip, and bytes over the mean rate each way."""
    spec = scenario.link.to_spec()
    found = {}
    for name in repertoire.deployments:
        replay = Replay(repertoire, name, scenario.edge.slowdown)
        rows = np.arange(len(repertoire))
        latency_s = np.array([sum(stages) for stages in replay.times(rows)[0]])
        if replay.crosses_link:
            latency_s += spec.uplink.delay_s + spec.downlink.delay_s
            for lane, sizes in (
                (spec.uplink, replay.request_bytes),
                (spec.downlink, replay.reply_bytes),
            ):
                if lane.mean_rate_bps is not None:
                    latency_s += 8 * sizes / lane.mean_rate_bps
        found[name] = statistics_of(latency_s)
    return found
