"""`testbed codecs` and `choose`: every cut and codec over one scenario's link."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import inf
from pathlib import Path

import pandas as pd
from rich.console import Console

from emulation.errors import SpecError
from emulation.units import parse_energy, parse_fraction, parse_size, parse_time
from testbed.choice.answer import over_rates, sentences
from testbed.choice.candidates import candidates, classics
from testbed.choice.choose import Limits, fastest
from testbed.choice.decide import tried
from testbed.choice.report import report
from testbed.choice.subject import check_energy, network_of
from testbed.choice.table import images_for, table_of
from testbed.commands.run import requests_in, show, watched
from testbed.config.scenario_file import read_scenario
from testbed.errors import BadInput
from testbed.halves.workload import load_dataset
from testbed.network import cuts_of, published_cut
from testbed.runs.recording import RESULTS
from testbed.storage.files import replacing, shown, writing
from testbed.storage.folders import check_writable
from testbed.terminal.choices import choices_table, codecs_table
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
    with _judging(seen) as done:
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


def list_codecs(
    path: Path,
    overrides: list[str] | None,
    images: int | None,
    every_cut: bool,
    out: Path | None,
    keep_in: Path,
) -> None:
    """Accuracy and bytes of every candidate on the test images; a table, a CSV and a figure."""
    scenario, _ = read_scenario(path, overrides)
    check_writable(out, RESULTS)
    check_writable(None, keep_in)
    network = network_of(scenario)
    dataset = load_dataset(scenario)
    entries = candidates(network, min(dataset.image(0).shape[:2]))
    seen = min(images or len(dataset), len(dataset))
    with _judging(seen) as done:
        judged = table_of(network, entries, dataset, seen, done, keep_in)
    table = report(scenario, network, entries, judged).sort_values("bytes_mean")
    published = cuts_of(network.blocks)[published_cut(network.blocks)]
    shown_rows = table if every_cut else table[_worth_showing(table, published)]
    about = (
        f"{network.backbone} at {network.input_px} px, {scenario.workload.dataset}, {seen} images"
    )
    Console().print(codecs_table(shown_rows, network.tasks, about))
    if out is not None:
        for file in _write_report(table, about, out):
            sys.stdout.write(f"{shown(file)}\n")


def _worth_showing(table: pd.DataFrame, published: str) -> "pd.Series[bool]":
    """What is on the front, images, and features at the published cut."""
    return table["on_front"] | (table["what"] != "features") | (table["cut"] == published)


def _write_report(table: pd.DataFrame, about: str, out: Path) -> list[Path]:
    from testbed.figures import rate_accuracy, style

    sent = table[table["what"] != "nothing"]
    kept = [
        rate_accuracy.Kept(
            row["deployment"],
            row["what"],
            row["bytes_mean"],
            -100 * row["loss"],
            -100 * row["loss_high"],
            -100 * row["loss_low"],
            row["on_front"],
        )
        for row in sent.to_dict("records")
    ]
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    with replacing(out / "codecs.csv") as draft:
        table.to_csv(draft, index=False)
    with style.applied():
        figures = style.write(rate_accuracy.draw(kept, about), out / "rate-accuracy")
    return [out / "codecs.csv", *figures]


@contextmanager
def _judging(images: int) -> Iterator[Callable[[int], object]]:
    """A bar of so many images."""
    with progress(Console(stderr=True)) as bar:
        yield partial(bar.advance, bar.add_task("judging", total=images))
