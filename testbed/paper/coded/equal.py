"""The fewest bytes of features and of images at equal accuracy, and their latency on ten links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from testbed.choice.candidates import candidates, entries_of
from testbed.choice.choose import Performance, asked, at_rates, ends_of, performances
from testbed.choice.decide import ROWS
from testbed.choice.judge import Judgement
from testbed.choice.subject import network_of
from testbed.choice.table import images_for, table_of
from testbed.config.deployments import DeploymentEntry, Remote, Split, identity_of
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.halves.workload import load_dataset
from testbed.paper.links import SCENARIOS, scenario_file
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import DeviceRepertoire, repertoire_of

LOSS = 0.01
"""At most so much of any task's accuracy, against the whole network."""
JUDGED_FOR = "lte"
"""The scenario whose network, images and devices the others share."""
SLOW = 1e6
"""The tenth link: that scenario's with so many bit/s up."""
FEATURES, AT_PUBLISHED, IMAGE, FP32 = (
    "features, best codec at any cut",
    "features, best codec at the published cut",
    "image, best codec",
    "features as float32 at the published cut",
)


@dataclass(frozen=True)
class Sent:
    """One way to send. what: one of the four above."""

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
    fits: Mapping[str, Callable[[DeploymentEntry], bool]] = {
        FEATURES: lambda entry: isinstance(entry, Split),
        AT_PUBLISHED: lambda entry: isinstance(entry, Split) and entry.split.cut is None,
        IMAGE: lambda entry: isinstance(entry, Remote),
        FP32: lambda entry: identity_of(entry).name == "split-fp32",
    }
    chosen = []
    for what, is_one in fits.items():
        some = [(e, one) for e, one in found if is_one(e) and one.worst_loss()[0] <= LOSS]
        if some:
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


def over_links(sent: Sequence[Sent]) -> pd.DataFrame:
    """A row a link and a way to send, and local beside them: mean latency in virtual time."""
    contents = Contents(ROWS, own_answers=False)
    entries = ("local", *(one.entry for one in sent))
    whats = {"local": "local"} | {one.name: one.what for one in sent}
    rows = []
    for name, scenario in _links().items():
        every = asked(scenario, entries)
        found = performances(every, repertoire_of(every, contents))
        rate_bps = scenario.link.to_spec().uplink.mean_rate_bps
        rows += [
            {"link": name, "rate_bps": rate_bps, "what": whats[of], "deployment": of, **_times(one)}
            for of, one in found.items()
        ]
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


def break_even(sent: Sequence[Sent]) -> tuple[float | None, str]:
    """Uplink rate in bit/s at which the best features and the best image take equally long, on the
    scenarios' devices, and which of both is ahead below it; None where one is at every rate.
    """
    of = {one.what: one for one in sent}
    features, image = of[FEATURES], of[IMAGE]
    scenario = load_scenario(scenario_file(JUDGED_FOR))
    every = asked(scenario, (features.entry, image.entry))
    repertoire = repertoire_of(every, Contents(ROWS, own_answers=False))
    return crossing(
        _computing_s(repertoire, features), features, _computing_s(repertoire, image), image
    )


def crossing(
    features_s: float, features: Sent, image_s: float, image: Sent
) -> tuple[float | None, str]:
    """As `break_even`, from the seconds of computing and coding at both ends."""
    more_bits = 8 * (features.judged.mean_bytes - image.judged.mean_bytes)
    less_s = image_s - features_s
    fewer = FEATURES if more_bits < 0 else IMAGE
    if more_bits * less_s <= 0:
        return None, FEATURES if less_s > 0 or (not less_s and more_bits < 0) else IMAGE
    return more_bits / less_s, fewer


def _computing_s(repertoire: DeviceRepertoire, one: Sent) -> float:
    return sum(ends_of(repertoire.of(one.name)))
