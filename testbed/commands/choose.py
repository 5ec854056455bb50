"""`testbed choose`: every cut and codec over one scenario's link."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf
from pathlib import Path

from rich.console import Console

from emulation.errors import SpecError
from emulation.units import parse_energy, parse_fraction, parse_size, parse_time
from testbed.choice.answer import over_rates, sentences
from testbed.choice.candidates import candidates, classics
from testbed.choice.choose import Limits, fastest
from testbed.choice.decide import tried
from testbed.choice.subject import check_energy, network_of
from testbed.choice.table import images_for
from testbed.commands.run import requests_in, show, watched
from testbed.config.scenario_file import read_scenario
from testbed.errors import BadInput
from testbed.halves.workload import load_dataset
from testbed.terminal.choices import choices_table
from testbed.terminal.tables import progress
from testbed.wall.run import RunOptions, run

SHOWN, MEASURED = 10, 5


def choose(
    path: Path,
    overrides: list[str] | None,
    limits: Limits,
    images: int | None,
    measure: str | None,
) -> None:
    """Judge, compute, answer; measure: a backend, on which the best and the classics are run."""
    scenario, text = read_scenario(path, overrides)
    if limits.energy_j < inf:
        check_energy(scenario)
    network, dataset = network_of(scenario), load_dataset(scenario)
    entries = candidates(network, min(dataset.image(0).shape[:2]))
    seen = images_for(network, dataset, images)
    with judging(seen) as done:
        trial = tried(scenario, network, dataset, entries, seen, done)
    found = trial.options()
    winners = trial.winners(found, limits)
    console = Console()
    where = f"{scenario.name} on {scenario.edge.device} and {scenario.server.device}"
    for line in [*sentences(found, limits, where), *over_rates(winners)]:
        console.print(line, markup=False, highlight=False)
    best = fastest(found, limits)[:SHOWN]
    names = {one.name for one in best}
    others = [one for one in found if one.entry in classics() and one.name not in names]
    of = f"the best {len(best)} of {len(found)}, and the classics; {trial.images} images"
    console.print(choices_table([*best, *others], limits, f"{scenario.name}: {of}"))
    if measure is not None:
        entries = tuple(one.entry for one in [*best[:MEASURED], *others])
        chosen = scenario.model_copy(update={"deployments": entries})
        with watched(requests_in(chosen)) as (say, on_record):
            folder, summary = run(RunOptions(chosen, text, measure), say, on_record)
        show(folder, summary)


def limits_of(
    accuracy_loss: str | None,
    deadline: str | None,
    memory: str | None,
    size: str | None,
    energy: str | None,
) -> Limits:
    """Limits as typed; None where there is none. Raises BadInput."""
    typed = {
        "accuracy_loss": (accuracy_loss, parse_fraction),
        "deadline_s": (deadline, parse_time),
        "memory_bytes": (memory, parse_size),
        "size_bytes": (size, parse_size),
        "energy_j": (energy, parse_energy),
    }
    values = {}
    for name, (text, parse) in typed.items():
        if text is not None:
            try:
                values[name] = float(parse(text))
            except SpecError as error:
                flag = name if name == "accuracy_loss" else name.rpartition("_")[0]
                raise BadInput(f"--{flag.replace('_', '-')}: {error}") from None
    return Limits(**values)


@contextmanager
def judging(images: int) -> Iterator[Callable[[int], object]]:
    """A bar of so many images."""
    with progress(Console(stderr=True)) as bar:
        yield partial(bar.advance, bar.add_task("judging", total=images))
