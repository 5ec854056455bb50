"""`testbed choose` and `testbed cuts`: every cut and codec over one scenario's link."""

import sys
from functools import cache, partial
from pathlib import Path

from rich.console import Console

from emulation.errors import SpecError
from emulation.units import parse_fraction, parse_size, parse_time
from testbed.choice.answer import Winner, over_rates, sentences
from testbed.choice.candidates import candidates, classics
from testbed.choice.choose import Limits, Option, asked, at_rates, fastest, options
from testbed.choice.cuts import cuts
from testbed.choice.subject import network_of
from testbed.choice.table import table_of
from testbed.commands.run import requests_in, show, watched
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import read_scenario
from testbed.errors import BadInput
from testbed.halves.deployment import cut_of
from testbed.halves.workload import load_dataset
from testbed.storage.files import shown
from testbed.terminal.choices import choices_table, cuts_table
from testbed.terminal.tables import progress
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.wall.run import RunOptions, run

IMAGES = 600
"""Judged for a choice, where no table ships with the weights."""
ROWS = 16
"""Images of each candidate whose bytes are replayed in virtual time."""
SHOWN, MEASURED = 10, 5
FACTORS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""The link's rates are tried at these multiples, to see where another deployment wins."""


def choose(
    path: Path,
    overrides: list[str] | None,
    limits: Limits,
    images: int | None,
    measure: str | None,
) -> None:
    """Judge, compute, answer; measure: a backend, on which the best and the classics are run."""
    scenario, text = read_scenario(path, overrides)
    found, winners, seen = _found(scenario, limits, images)
    console = Console()
    where = f"{scenario.name} on {scenario.edge.device} and {scenario.server.device}"
    for line in [*sentences(found, limits, where), *over_rates(winners)]:
        console.print(line, markup=False, highlight=False)
    best = fastest(found, limits)[:SHOWN]
    names = {one.name for one in best}
    others = [one for one in found if one.entry in classics() and one.name not in names]
    title = (
        f"{scenario.name}: the best {len(best)} of {len(found)}, and the classics; {seen} images"
    )
    console.print(choices_table([*best, *others], limits, title))
    if measure is not None:
        entries = tuple(one.entry for one in [*best[:MEASURED], *others])
        chosen = scenario.model_copy(update={"deployments": entries})
        with watched(requests_in(chosen)) as (say, on_record):
            folder, summary = run(RunOptions(chosen, text, measure), say, on_record)
        show(folder, summary)


def limits_of(
    accuracy_loss: str | None, deadline: str | None, memory: str | None, size: str | None
) -> Limits:
    """Limits as typed; None where there is none. Raises BadInput."""
    typed = {
        "accuracy_loss": (accuracy_loss, parse_fraction),
        "deadline_s": (deadline, parse_time),
        "memory_bytes": (memory, parse_size),
        "size_bytes": (size, parse_size),
    }
    values = {}
    for name, (text, parse) in typed.items():
        if text is not None:
            try:
                values[name] = float(parse(text))
            except SpecError as error:
                flag = name.removesuffix("_s").removesuffix("_bytes").replace("_", "-")
                raise BadInput(f"--{flag}: {error}") from None
    return Limits(**values)


def _found(
    scenario: Scenario, limits: Limits, images: int | None
) -> tuple[list[Option], list[Winner], int]:
    """All candidates over the link, what wins at other rates, and how many images were judged."""
    network = network_of(scenario)
    dataset = load_dataset(scenario)
    entries = candidates(network, min(dataset.image(0).shape[:2]))
    seen = min(images or IMAGES, len(dataset))
    with progress(Console(stderr=True)) as bar:
        task = bar.add_task("judging", total=seen)
        advance = partial(bar.advance, task)
        judged = table_of(network, entries, dataset, seen, advance)
    every = asked(scenario, entries)
    repertoire = repertoire_of(every, Contents(ROWS))
    at_cut = cache(network.edge_bytes)
    memory = [at_cut(cut_of(entry, network.blocks)) for entry in entries]
    winners: list[Winner] = []
    for at in at_rates(every, FACTORS):
        first = fastest(options(at, repertoire, judged, memory), limits)[:1]
        rate_bps = at.link.uplink.rate
        winners.append((float(rate_bps or 0), first[0] if first else None))
    return options(every, repertoire, judged, memory), winners, seen


def list_cuts(
    path: Path, overrides: list[str] | None, codec: str | None, figure: Path | None
) -> None:
    """A table of all cuts, and a figure of it if that is asked for."""
    scenario, _ = read_scenario(path, overrides)
    network = network_of(scenario)
    rows = cuts(scenario, network, None if codec is None else {"codec": codec})
    named = next(row.deployment for row in rows if row.published)
    where = f"{scenario.name} on {scenario.edge.device} and {scenario.server.device}"
    Console().print(cuts_table(rows, f"{network.backbone}, {named}, {where}"))
    if figure is not None:
        from testbed.figures import cut_bars, style

        with style.applied():
            drawn = cut_bars.draw(
                [
                    cut_bars.CutBar(
                        row.name,
                        row.published,
                        row.payload_bytes,
                        row.edge_s,
                        row.server_s,
                        row.mean_s,
                    )
                    for row in rows
                ],
                where,
            )
            for file in style.write(drawn, figure.with_suffix("")):
                sys.stdout.write(f"{shown(file)}\n")
