"""What `testbed choose` and its rivals take for a link and a device: shared by two benchmarks.

A rule is a way to choose a deployment. All rules are judged on the same links, in another weather
than the one in which the choice was made.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf
from pathlib import Path
from typing import NamedTuple

from benchmarks.rules import ACCURACY_LOSS, CHOOSE, CLOSED_FORM, FIXED
from testbed.choice.candidates import candidates
from testbed.choice.choose import Limits, Option, ends_of, fastest, performances
from testbed.choice.decide import ROWS, Trial, tried
from testbed.choice.subject import network_of
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.halves.workload import load_dataset
from testbed.virtual.content import Contents

SCENARIOS = Path(__file__).parents[1] / "scenarios"
REPEATS = 40
"""Of each deployment that is judged, in weather of its own."""
TRIED = 10
"""So many of the fastest are judged beside what the rules choose: one of them is the best."""


class Cell(NamedTuple):
    """A link, an edge device, and a server's."""

    scenario: str
    device: str
    server: str

    @property
    def overrides(self) -> list[str]:
        """What makes the scenario's file this cell."""
        return [f"edge.device={self.device}", f"server.device={self.server}"]


@dataclass(frozen=True)
class Choices:
    """Of one cell. picked: rule -> deployment. over: deployment -> what it takes, judged. best_of:
    local, remote and split -> the fastest of that kind, where one keeps the accuracy.
    """

    cell: Cell
    scenario: Scenario
    picked: Mapping[str, str]
    over: Mapping[str, Option]
    best_of: Mapping[str, str]
    images: int

    def best(self) -> Option:
        """The fastest of those that lose no more accuracy than allowed."""
        return fastest(list(self.over.values()), LIMITS)[0]


LIMITS = Limits(accuracy_loss=ACCURACY_LOSS)


def choices_of(cell: Cell, overrides: Sequence[str], contents: Contents) -> Choices:
    """What each rule chooses there, and what becomes of it. Raises BadInput as `tried` does."""
    file = SCENARIOS / f"{cell.scenario}.yaml"
    scenario = load_scenario(file, [*cell.overrides, *overrides])
    network, dataset = network_of(scenario), load_dataset(scenario)
    entries = candidates(network, min(dataset.image(0).shape[:2]))
    trial = tried(scenario, network, dataset, entries, None, contents=contents)
    found = trial.options()
    kept = fastest(found, LIMITS)
    picked = {
        CHOOSE: kept[0].name,
        CLOSED_FORM: min(kept, key=lambda one: closed_form_s(trial, one)).name,
        **FIXED,
    }
    best_of = {identity_of(one.entry).kind: one.name for one in reversed(kept)}
    names = {*picked.values(), *best_of.values(), *(one.name for one in kept[:TRIED])}
    judged = _judged(trial, [one for one in found if one.name in names])
    return Choices(cell, scenario, picked, judged, best_of, trial.images)


def closed_form_s(trial: Trial, one: Option) -> float:
    """Computing at both ends, one round trip, and bytes by the uplink's mean rate: what a
    spreadsheet would say. The answer's few bytes are left out.
    """
    here_s = sum(ends_of(trial.repertoire.of(one.name)))
    if not one.size_bytes:
        return here_s
    link = trial.scenario.link.to_spec()
    rate_bps = link.uplink.mean_rate_bps or inf
    return here_s + link.uplink.delay_s + link.downlink.delay_s + 8 * one.size_bytes / rate_bps


def _judged(trial: Trial, some: Sequence[Option]) -> dict[str, Option]:
    """The same deployments in weather that no rule has seen."""
    entries = tuple(one.entry for one in some)
    seed = trial.scenario.seed + 1
    update = {"deployments": entries, "repeats": REPEATS, "seed": seed}
    over_link = performances(trial.scenario.model_copy(update=update), trial.repertoire)
    return {one.name: one.over(over_link[one.name]) for one in some}


def contents() -> Contents:
    """Shared by all cells: their images and network are the same."""
    return Contents(ROWS, own_answers=False)


def arguments_of(doc: str | None, out: Path) -> argparse.ArgumentParser:
    """What both benchmarks can be told."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--set", action="append", default=[], metavar="a.b=c", dest="overrides")
    for names in ("--scenarios", "--devices", "--servers"):
        parser.add_argument(names, default="", help="names, commas between them")
    parser.add_argument("--out", type=Path, default=out)
    return parser


def cells_of(
    asked: argparse.Namespace,
    scenarios: Sequence[str],
    devices: Sequence[str],
    servers: Sequence[str],
) -> list[Cell]:
    """Every scenario with every device and server: those that were asked for, else the usual."""
    usual = {"scenarios": scenarios, "devices": devices, "servers": servers}
    named = ({key: getattr(asked, key).split(",")} if getattr(asked, key) else {} for key in usual)
    for one in named:
        usual |= one
    return [Cell(*cell) for cell in product(*usual.values())]
