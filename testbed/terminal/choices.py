"""Choices as tables: what each deployment costs, the front marked."""

from collections.abc import Sequence
from math import inf, isnan

import pandas as pd
from rich.table import Table

from testbed.choice.answer import points
from testbed.choice.choose import Limits, Option
from testbed.results.estimates import Interval
from testbed.results.wording import UNKNOWN, digits, size
from testbed.terminal.plain import in_two, plain_table


def choices_table(found: Sequence[Option], limits: Limits, title: str) -> Table:
    """A row an option, in the order given."""
    table = plain_table(
        title,
        "mean, p95: ms in virtual time, \N{PLUS-MINUS SIGN} half of a 95 % interval; up: bytes a "
        "request; lost: points of accuracy of the task that loses most; memory: of the edge's "
        "part; mJ: at the edge, modelled; *: no other is better in all of them",
    )
    table.add_column("deployment", no_wrap=True)
    half_width = "\N{PLUS-MINUS SIGN}"
    for heading in ("mean", half_width, "p95", "up", "lost", half_width, "memory", "mJ"):
        table.add_column(heading, justify="right", no_wrap=True)
    limited = any(one.breaks(limits) for one in found)
    if limited:
        table.add_column("breaks")
    for one in found:
        cells = [
            in_two(one.name + (" *" if one.on_front else "")),
            time_ms(one.mean_s),
            half(one.ci95_s),
            time_ms(one.p95_s),
            size(one.size_bytes),
            points(one.loss),
            points((one.loss_high - one.loss_low) / 2),
            size(one.memory_bytes),
            UNKNOWN if isnan(one.energy_j) else digits(one.energy_j * 1e3),
        ]
        table.add_row(*cells, *(["\n".join(one.breaks(limits))] if limited else []))
    return table


def codecs_table(report: pd.DataFrame, tasks: Sequence[str], title: str) -> Table:
    """Rows of `choice.report.report`, those on the front in bold."""
    table = plain_table(
        title,
        "bytes: mean, \N{PLUS-MINUS SIGN} standard deviation; tasks: accuracy in %; lost: points "
        "of the task that loses most, \N{PLUS-MINUS SIGN} half of its 95 % interval; enc, dec: "
        "ms on the devices; *: nothing that sends less keeps as much",
    )
    table.add_column("deployment", no_wrap=True)
    for heading in (
        "bytes",
        "\N{PLUS-MINUS SIGN}",
        *tasks,
        "lost",
        "\N{PLUS-MINUS SIGN}",
        "enc",
        "dec",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in report.to_dict("records"):
        table.add_row(
            in_two(row["deployment"] + (" *" if row["on_front"] else "")),
            f"{row['bytes_mean']:.0f}",
            f"{row['bytes_sd']:.0f}",
            *(f"{row[f'accuracy_{task}'] * 100:.1f}" for task in tasks),
            points(row["loss"]),
            points((row["loss_high"] - row["loss_low"]) / 2),
            f"{row['encode_s'] * 1e3:.2f}",
            f"{row['decode_s'] * 1e3:.2f}",
            style="bold" if row["on_front"] else "",
        )
    return table


def half(interval_s: Interval) -> str:
    """Half of an interval, in ms."""
    low, high = interval_s
    return UNKNOWN if low is None or high is None else digits((high - low) / 2 * 1e3)


def time_ms(time_s: float) -> str:
    """In ms; a dash for an infinite one."""
    return UNKNOWN if time_s == inf else digits(time_s * 1e3)
