"""Tables read the same at 80 columns, without colour, and when all went wrong."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from testbed.config.weights import Weights
from testbed.results.summary import summarise
from testbed.results.table import table_of
from testbed.terminal.tables import print_summary, progress
from tests.testbed import synthetic


def printed(summary: dict[str, Any], width: int, colour: bool = False) -> str:
    file = StringIO()
    system = "truecolor" if colour else None
    console = Console(file=file, width=width, color_system=system, force_terminal=colour)  # type: ignore[arg-type]
    print_summary(console, summary)
    return file.getvalue()


def summary_of(
    timings: dict[str, synthetic.Timing] | None = None,
    requests: int = 100,
    weights: Weights = synthetic.TRAINED,
    **link: Any,
) -> dict[str, Any]:
    names = timings or synthetic.USUAL
    return summarise(
        synthetic.scenario(synthetic.entries(names), requests),
        table_of(synthetic.records(timings, requests)),
        synthetic.link_facts(**link),
        weights,
    )


def in_table(text: str) -> list[str]:
    """What is printed below the headings of the table of deployments."""
    lines = text.splitlines()
    return lines[next(i for i, line in enumerate(lines) if "───" in line) + 1 :]


@pytest.mark.parametrize(
    ("width", "names", "requests"),
    [
        (80, "broken", 334),
        (80, "broken", 3_400),  # so many that the tasks' shares take a line each
        (120, "whole", 334),
    ],
)
def test_everything_fits(width: int, names: str, requests: int) -> None:
    summary = summary_of(synthetic.EIGHT, requests=1)
    for deployment in summary["deployments"]:
        deployment |= {"requests": 3 * requests, "answered": 2 * requests, "late": requests - 7}
        deployment |= {"lost": 7, "accuracy": {"scale": 0.973, "shape": 0.957}}
    text = printed(summary, width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert text.count("97.3/") == text.count("95.7") == len(synthetic.EIGHT)  # none is cut in two
    table = "\n".join(in_table(text))
    assert ("remote-jpeg-q90-resized" in table) == (names == "whole")
    assert table.count("remote-jpeg-q90-") == 1 and text.count(f"/{requests - 7}/7 ") == 8


def test_short_names_are_whole_at_80_columns() -> None:
    lines = in_table(printed(summary_of(requests=3), 80))
    assert {line.split()[0] for line in lines[:3]} == set(synthetic.USUAL)


def test_the_answer_comes_first_and_the_table_in_its_order() -> None:
    summary = summary_of()
    text = printed(summary, 200)
    assert text.splitlines()[: len(summary["answer"])] == summary["answer"]
    assert "is fastest: mean" in summary["answer"][0]
    assert [row.split()[0] for row in in_table(text)[:3]] == summary["ranking"]["order"]


@pytest.mark.parametrize(
    ("requests", "dashes", "said"),
    [(123, 0, None), (122, 1, "p99 takes 368"), (1, 3, "p50 takes 6, p95 takes 72, p99 takes 368")],
)
def test_a_percentile_that_nothing_bounds_is_a_dash(
    requests: int, dashes: int, said: str | None
) -> None:
    """Of three repeats of so many requests."""
    text = printed(summary_of(requests=requests), 200)
    row = next(row for row in in_table(text) if row.split()[:1] == ["local"])
    assert row.split()[2:5].count("–") == dashes  # noqa: RUF001
    assert ("too few requests" in text) == (said is not None)
    assert said is None or said in " ".join(text.split())


def test_the_numbers_are_the_summarys() -> None:
    summary = summary_of()
    line = next(row for row in in_table(printed(summary, 120)) if "remote-jpeg" in row)
    found = summary["deployments"][1]
    low, high = found["latency_ms"]["ci95"]
    assert f"{found['answered']}/{found['late']}/{found['lost']}" in line
    assert f"{found['latency_ms']['mean']:.0f} ±{(high - low) / 2:.2g}" in line
    assert f"{found['latency_ms']['p50']:.0f}" in line
    assert "112 kB" in line
    assert f"{found['accuracy']['scale'] * 100:.1f}/{found['accuracy']['shape'] * 100:.1f}" in line


def test_a_percentile_among_the_lost_says_so() -> None:
    timings = {"split-fp16": replace(synthetic.SPLIT, lost=0.2)}
    text = printed(summary_of(timings, requests=200), 80)
    line = next(row for row in in_table(text) if "split" in row)
    assert line.split().count("lost") == 2  # p95 and p99, not p50


def test_a_run_without_any_answer_prints() -> None:
    timings = {"split-fp16": replace(synthetic.SPLIT, lost=1.0)}
    text = printed(summary_of(timings, requests=7), 80)
    assert "0/0/21" in text


def test_the_link_is_told_as_asked_for_and_as_found() -> None:
    lines = printed(summary_of(), 80).splitlines()
    asked = next(line for line in lines if line.startswith("configured"))
    found = next(line for line in lines if line.startswith("measured"))
    assert "12 Mbit/s" in asked and "40 Mbit/s" in asked and "50 ms" in asked
    assert "11.9 Mbit/s" in found and "39.6 Mbit/s" in found and "50.9 ms" in found
    assert "floor (null model, unshaped link): p50 0.41 ms, p99 1.22 ms" in lines


@pytest.mark.parametrize(
    ("within", "words"),
    [(True, "within tolerance"), (False, "OUT OF TOLERANCE"), (None, "tolerance not checked")],
)
def test_the_verdict_needs_no_colour(within: bool | None, words: str) -> None:
    summary = summary_of(requests=3, within_tolerance=within)
    assert words in printed(summary, 80)
    assert "\x1b[" not in printed(summary, 80)
    assert "\x1b[" in printed(summary, 80, colour=True)


def test_what_could_not_be_measured_is_a_dash() -> None:
    unknown = {
        "uplink_rate_bps": None,
        "downlink_rate_bps": None,
        "rtt_ms": {"p50": None, "p99": None},
        "uplink_loss": None,
        "downlink_loss": None,
    }
    text = printed(summary_of(requests=3, achieved=unknown), 80)
    found = next(line for line in text.splitlines() if line.startswith("measured"))
    assert found.split() == ["measured", *["–"] * 5]  # noqa: RUF001


def test_untrained_weights_have_no_accuracy_and_say_why() -> None:
    notice = "no bundled weights for vgg16 with tasks scale, shape: random weights"
    text = printed(summary_of(requests=3, weights=Weights("random", notice)), 80)
    assert notice in text.splitlines()
    rows = [line.split() for line in in_table(text)]
    assert [row[-1] for row in rows if row and row[0] in synthetic.USUAL] == ["–/–"] * 3  # noqa: RUF001
    assert notice not in printed(summary_of(requests=3), 80)


SIX = ("floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation")


def test_many_tasks_have_a_table_of_their_own_at_80_columns() -> None:
    summary = summary_of(synthetic.EIGHT, requests=1)
    for deployment in summary["deployments"]:
        deployment["accuracy"] = dict.fromkeys(SIX, 1.0)
    lines = printed(summary, 80).splitlines()
    assert max(map(len, lines)) <= 80
    start = next(number for number, line in enumerate(lines) if "right, %" in line)
    assert lines[start - 1].split() == ["floor_", "wall_", "object_"]
    assert lines[start].split()[2:] == ["hue", "hue", "hue", "scale", "shape", "orientation"]
    rows = [line for line in lines if line.split()[-6:] == ["100.0"] * 6]
    assert len(rows) == len(synthetic.EIGHT)


@pytest.mark.parametrize(("terminal", "quiet"), [(True, False), (True, True), (False, False)])
def test_progress_only_where_somebody_looks(terminal: bool, quiet: bool) -> None:
    file = StringIO()
    console = Console(file=file, width=80, force_terminal=terminal)
    with progress(console, quiet) as bar:
        task = bar.add_task("remote-jpeg-q90-resized", total=100)
        bar.update(task, completed=40)
        bar.refresh()
    assert ("40/100" in file.getvalue()) == (terminal and not quiet)


def test_what_the_edge_answered_in_the_server_s_stead_stands_beside_the_latency() -> None:
    records = synthetic.records(requests=10)
    for record in records[20:27]:
        record.fell_back_s = record.fallback_done_s = record.answered_s
    asked = synthetic.scenario(synthetic.entries(synthetic.USUAL), 10)
    summary = summarise(asked, table_of(records), synthetic.link_facts(), synthetic.TRAINED)
    name = records[20].deployment
    assert {d["name"]: d["fell_back"] for d in summary["deployments"]}[name] == 7
    said = [line for line in summary["answer"] if "in the server's stead" in line]
    assert len(said) == 1 and f"{name} 23.3" in said[0]
    text = printed(summary, 80)
    assert max(map(len, text.splitlines())) <= 80
    rows = in_table(text)
    at = next(number for number, row in enumerate(rows) if row.split()[:1] == [name])
    assert "7 here" in rows[at + 1]
    assert "here" not in printed(summary_of(), 80)
