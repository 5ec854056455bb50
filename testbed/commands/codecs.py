"""`testbed codecs`: bytes and accuracy of every cut and codec, or of a grid of image sizes and
qualities.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console

from testbed.choice.candidates import candidates, image_grid
from testbed.choice.report import report
from testbed.choice.subject import network_of
from testbed.choice.table import table_of
from testbed.commands.choose import judging
from testbed.config.deployments import LEAST_PX, MOST_PX
from testbed.config.scenario_file import read_scenario
from testbed.errors import BadInput
from testbed.halves.workload import load_dataset
from testbed.network import cuts_of, published_cut
from testbed.runs.recording import RESULTS
from testbed.storage.files import replacing, shown, writing
from testbed.storage.folders import check_writable
from testbed.terminal.choices import codecs_table


def list_codecs(
    path: Path,
    overrides: list[str] | None,
    images: int | None,
    every_cut: bool,
    out: Path | None,
    keep_in: Path,
    resize: str | None,
    quality: str | None,
) -> None:
    """Accuracy and bytes on the test images; a table, a CSV and a figure. Of every candidate, or
    with resize or quality (whole numbers with commas) of images of these sizes and qualities.
    """
    sides = _numbers("--resize", resize, LEAST_PX, MOST_PX)
    qualities = _numbers("--quality", quality, 1, 100)
    scenario, _ = read_scenario(path, overrides)
    check_writable(out, RESULTS)
    check_writable(None, keep_in)
    network = network_of(scenario)
    dataset = load_dataset(scenario)
    entries = (
        image_grid(sides, qualities)
        if sides or qualities
        else candidates(network, min(dataset.image(0).shape[:2]))
    )
    seen = min(images or len(dataset), len(dataset))
    with judging(seen) as done:
        judged = table_of(network, entries, dataset, seen, done, keep_in)
    table = report(scenario, network, entries, judged).sort_values("bytes_mean")
    published = cuts_of(network.blocks)[published_cut(network.blocks)]
    shown_rows = table if every_cut else table[_worth_showing(table, published)]
    about = (
        f"{network.backbone} at {network.input_px} px, {scenario.workload.dataset}, {seen} images"
    )
    Console().print(codecs_table(shown_rows, network.tasks, about))
    if out is not None:
        for file in _write_report(table, network.tasks, bool(sides or qualities), about, out):
            sys.stdout.write(f"{shown(file)}\n")


def _worth_showing(table: pd.DataFrame, published: str) -> "pd.Series[bool]":
    """What is on the front, images, and features at the published cut."""
    return table["on_front"] | (table["what"] != "features") | (table["cut"] == published)


def _numbers(flag: str, text: str | None, least: int, most: int) -> tuple[int, ...]:
    """Growing; none where nothing was typed. Raises BadInput."""
    try:
        found = sorted({int(word) for word in text.split(",")}) if text is not None else []
    except ValueError:
        found = [least - 1]
    if any(not least <= number <= most for number in found):
        allowed = f"whole numbers from {least} to {most}, commas between them"
        raise BadInput(f"{flag}: found {text!r}, allowed: {allowed}")
    return tuple(found)


def _write_report(
    table: pd.DataFrame, tasks: Sequence[str], is_grid: bool, about: str, out: Path
) -> list[Path]:
    from testbed.figures import accuracy_grid, rate_accuracy, style

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
        if is_grid:
            drawn = accuracy_grid.draw(table, tasks, about)
            figures += style.write(drawn, out / "accuracy")
    return [out / "codecs.csv", *figures]
