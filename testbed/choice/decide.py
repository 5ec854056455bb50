"""Judging and computing deployments together: what a command that chooses does first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import inf

from testbed.choice.choose import (
    Limits,
    Option,
    asked,
    at_rates,
    ends_of,
    fastest,
    options,
    performances,
)
from testbed.choice.front import front
from testbed.choice.judge import Judgement
from testbed.choice.table import images_for, table_of
from testbed.config.deployments import DeploymentEntry
from testbed.config.scenario import Scenario
from testbed.data.dataset import Dataset
from testbed.halves.deployment import cut_of
from testbed.model.torch_network import TorchNetwork
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.virtual.repertoire import Repertoire

ROWS = 16
"""Images of each candidate whose bytes are replayed in virtual time."""
FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""The link's rates are tried at these multiples, to see where another deployment wins."""

Done = Callable[[int], object]


@dataclass(frozen=True)
class Trial:
    """Deployments over one link. scenario: all of them, in virtual time. images: judged."""

    scenario: Scenario
    repertoire: Repertoire
    judged: Sequence[Judgement]
    memory_bytes: Sequence[float]
    images: int

    def options(self) -> list[Option]:
        """Each deployment and what it costs, fastest first."""
        return options(self.scenario, self.repertoire, self.judged, self.memory_bytes)

    def winners(self, found: Sequence[Option], limits: Limits) -> list[tuple[float, Option | None]]:
        """Uplink rates in bit/s, and what is fastest there within limits; see `at_rates`.

        found: all of them over the link as it is.
        """
        tried = self._contenders(found, limits)
        entries = tuple(one.entry for one in tried)
        some = self.scenario.model_copy(update={"deployments": entries})
        winners = []
        for at in at_rates(some, FACTORS) if tried else ():
            over_link = performances(at, self.repertoire)
            there = [one.over(over_link[one.name]) for one in tried]
            best = next(iter(fastest(there, limits)), None)
            winners.append((float(at.link.uplink.rate or 0), best))
        return winners

    def _contenders(self, found: Sequence[Option], limits: Limits) -> list[Option]:
        """Those of which no other takes less at either end and sends less, so that one of them is
        fastest at any rate; of those that keep what does not depend on the rate.
        """
        anywhere = replace(limits, deadline_s=inf, energy_j=inf)
        kept = [one for one in found if not one.breaks(anywhere)]
        ends_s = (ends_of(self.repertoire.of(one.name)) for one in kept)
        costs = [[*of_ends_s, one.size_bytes] for one, of_ends_s in zip(kept, ends_s, strict=True)]
        return [one for one, on in zip(kept, front(costs), strict=True) if on] if kept else []


def tried(
    scenario: Scenario,
    network: TorchNetwork,
    dataset: Dataset,
    entries: Sequence[DeploymentEntry],
    images: int | None,
    done: Done = lambda images: None,
    contents: Contents | None = None,
) -> Trial:
    """images: as for `images_for`. done: hears of each that is judged. contents: of ROWS images,
    where several scenarios share them.

    Raises BadInput as `table_of` and `repertoire_of` do.
    """
    seen = images_for(network, dataset, images)
    judged = table_of(network, entries, dataset, seen, done)
    every, contents = asked(scenario, entries), contents or Contents(ROWS, own_answers=False)
    at_cut = cache(network.edge_bytes)
    memory = [at_cut(cut_of(entry, network.blocks)) for entry in entries]
    return Trial(every, repertoire_of(every, contents), judged, memory, seen)
