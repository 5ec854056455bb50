"""Judging and computing deployments together: what a command that chooses does first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from testbed.choice.choose import Limits, Option, asked, at_rates, fastest, options
from testbed.choice.judge import Judgement
from testbed.choice.table import table_of
from testbed.config.deployments import DeploymentEntry
from testbed.config.scenario import Scenario
from testbed.data.dataset import Dataset
from testbed.halves.deployment import cut_of
from testbed.model.torch_network import TorchNetwork
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.virtual.repertoire import Repertoire

IMAGES = 600
"""Judged for a choice, where no table ships with the weights."""
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

    def winners(self, limits: Limits) -> list[tuple[float, Option | None]]:
        """Uplink rates in bit/s, and what is fastest there within limits; see `at_rates`."""
        found = []
        for at in at_rates(self.scenario, FACTORS):
            costs = options(at, self.repertoire, self.judged, self.memory_bytes)
            best = next(iter(fastest(costs, limits)), None)
            found.append((float(at.link.uplink.rate or 0), best))
        return found


def tried(
    scenario: Scenario,
    network: TorchNetwork,
    dataset: Dataset,
    entries: Sequence[DeploymentEntry],
    images: int | None,
    done: Done,
) -> Trial:
    """images: how many of the data set are judged at most; None takes IMAGES. done: hears of each.

    Raises BadInput as `table_of` and `repertoire_of` do.
    """
    seen = min(images or IMAGES, len(dataset))
    judged = table_of(network, entries, dataset, seen, done)
    every = asked(scenario, entries)
    at_cut = cache(network.edge_bytes)
    memory = [at_cut(cut_of(entry, network.blocks)) for entry in entries]
    return Trial(every, repertoire_of(every, Contents(ROWS)), judged, memory, seen)
