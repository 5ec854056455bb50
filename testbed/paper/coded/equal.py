"""The fewest bytes of features and of images at equal accuracy, and the least latency, by link."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from testbed.choice.candidates import candidates, entries_of
from testbed.choice.choose import Performance, asked, at_rates, ends_of, performances
from testbed.choice.decide import ROWS
from testbed.choice.judge import Judgement
from testbed.choice.subject import network_of
from testbed.choice.table import images_for, table_of
from testbed.config.deployments import LOCAL, DeploymentEntry, Remote, Split, identity_of
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.halves.workload import load_dataset
from testbed.paper.links import SCENARIOS, scenario_file
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of

LOSS = 0.01
"""At most so much of any task's accuracy, against the whole network."""
JUDGED_FOR = "lte"
"""The scenario whose network, images and devices the others share."""
SLOW = 1e6
"""One more link: that scenario's with so many bit/s up."""
RATES, POINTS = (1e4, 1e10), 601
"""Where a break-even rate is looked for: a hundred points a decade."""
Cost = tuple[float, float]
"""Seconds of computing and coding, and bits that cross."""
NOTHING, FEATURES, AT_PUBLISHED, IMAGE, FP32 = (
    "local",
    "features, best codec at any cut",
    "features, best codec at the published cut",
    "image, best codec",
    "features as float32 at the published cut",
)
KINDS: Mapping[str, Callable[[DeploymentEntry], bool]] = {
    NOTHING: lambda entry: entry == LOCAL,
    FEATURES: lambda entry: isinstance(entry, Split),
    AT_PUBLISHED: lambda entry: isinstance(entry, Split) and entry.split.cut is None,
    IMAGE: lambda entry: isinstance(entry, Remote),
    FP32: lambda entry: identity_of(entry).name == "split-fp32",
}


@dataclass(frozen=True)
class Sent:
    """One way to send. what: one of the words above."""

    what: str
    entry: DeploymentEntry
    judged: Judgement

    @property
    def name(self) -> str:
        """Of the deployment."""
        return self.judged.name


def judged(quick: int | None) -> list[tuple[DeploymentEntry, Judgement]]:
    """Every candidate on as many images as ship, or on so few."""
    scenario = load_scenario(scenario_file(JUDGED_FOR))
    network, dataset = network_of(scenario), load_dataset(scenario)
    published = entries_of([{"split": {"codec": "fp32"}}])
    entries = [*candidates(network, min(dataset.image(0).shape[:2])), *published]
    images = images_for(network, dataset, quick)
    return list(zip(entries, table_of(network, entries, dataset, images), strict=True))


def best(found: Sequence[tuple[DeploymentEntry, Judgement]]) -> list[Sent]:
    """Of each kind what sends the fewest bytes, of those that lose at most LOSS."""
    chosen = []
    for what, fits in KINDS.items():
        some = [(e, one) for e, one in found if fits(e) and one.worst_loss()[0] <= LOSS]
        if some and what != NOTHING:
            chosen.append(Sent(what, *min(some, key=lambda each: each[1].mean_bytes)))
    return chosen


def bytes_table(sent: Sequence[Sent]) -> pd.DataFrame:
    """A row a way to send."""
    rows = []
    for one in sent:
        loss, low, high = one.judged.worst_loss()
        rows.append(
            {
                "what": one.what,
                "deployment": one.name,
                "bytes": one.judged.mean_bytes,
                "bytes_sd": one.judged.spread_bytes,
                "points lost": 100 * loss,
                "low": 100 * low,
                "high": 100 * high,
                "images": one.judged.images,
            }
        )
    return pd.DataFrame(rows)


def over_links(found: Sequence[tuple[DeploymentEntry, Judgement]]) -> pd.DataFrame:
    """Mean latency in virtual time: of each link a row for local, for the fastest features and the
    fastest image that lose at most LOSS, and for float32 features at the published cut.
    """
    contents = Contents(ROWS, own_answers=False)
    kept = [entry for entry, one in found if one.worst_loss()[0] <= LOSS]
    rows = []
    for name, scenario in _links().items():
        every = asked(scenario, kept)
        over_link = performances(every, repertoire_of(every, contents))
        rate_bps = scenario.link.to_spec().uplink.mean_rate_bps
        for what, fits in KINDS.items():
            names = [identity_of(entry).name for entry in kept if fits(entry)]
            if names:
                fastest = min(names, key=lambda of: over_link[of].mean_s)
                times = _times(over_link[fastest])
                of = {"link": name, "rate_bps": rate_bps, "what": what, "deployment": fastest}
                rows.append({**of, **times})
    return pd.DataFrame(rows).sort_values("rate_bps", kind="stable")


def _links() -> Mapping[str, Scenario]:
    names = sorted(file.stem for file in SCENARIOS.glob("*.yaml"))
    links = {name: load_scenario(scenario_file(name)) for name in names}
    rate_bps = links[JUDGED_FOR].link.uplink.rate
    assert rate_bps is not None  # noqa: S101
    (slow,) = at_rates(links[JUDGED_FOR], (SLOW / rate_bps,))
    return {f"{JUDGED_FOR} at 1 Mbit/s": slow, **links}


def _times(one: Performance) -> dict[str, float | None]:
    times_s = dict(zip(("mean_ms", "low_ms", "high_ms"), (one.mean_s, *one.ci95_s), strict=True))
    return {name: None if time_s is None else time_s * 1e3 for name, time_s in times_s.items()}


def break_even(found: Sequence[tuple[DeploymentEntry, Judgement]]) -> float | None:
    """Uplink rate in bit/s below which the quickest features are ahead of the quickest image, by
    bytes and computing alone, on the scenario's devices; None where they never are.
    """
    kept = [(entry, one) for entry, one in found if one.worst_loss()[0] <= LOSS]
    every = asked(load_scenario(scenario_file(JUDGED_FOR)), [entry for entry, _ in kept])
    repertoire = repertoire_of(every, Contents(ROWS, own_answers=False))
    costs: dict[str, list[Cost]] = {
        what: [
            (sum(ends_of(repertoire.of(one.name))), 8 * one.mean_bytes)
            for entry, one in kept
            if KINDS[what](entry)
        ]
        for what in (FEATURES, IMAGE)
    }
    return ahead_below(costs[FEATURES], costs[IMAGE])


def ahead_below(features: Sequence[Cost], images: Sequence[Cost]) -> float | None:
    """The highest rate at which some features take no longer than every image."""
    ahead = [
        rate
        for rate in np.geomspace(*RATES, POINTS).tolist()
        if min(s + bits / rate for s, bits in features)
        <= min(s + bits / rate for s, bits in images)
    ]
    return max(ahead, default=None)
