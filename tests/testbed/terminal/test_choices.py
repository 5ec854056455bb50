"""Choices at 80 columns: nothing of a number is cut off."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from testbed.choice.choose import Limits, Option
from testbed.terminal.choices import choices_table
from tests.testbed.choice.test_choose import option


def printed(found: list[Option], limits: Limits) -> str:
    console = Console(width=80, record=True, file=StringIO())
    console.print(choices_table(found, limits, "lte"))
    return console.export_text()


def test_every_number_finds_room_beside_a_long_name() -> None:
    one = option("split-features.12-int4+zstd-channel", 120.25, 0.0083, 967.0, 236.0, mj=1234)
    broken = replace(one, on_front=True, p95_s=0.2)
    text = printed([broken], Limits(deadline_s=0.1, size_bytes=1, energy_j=1))
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    row = " ".join(text.split())
    for cell in ("120", "200", "967 kB", "0.83", "236 MB", "1234", "-channel", "deadline"):
        assert cell in row


def test_energy_that_is_not_known_is_a_dash() -> None:
    text = printed([option("local", 20)], Limits())
    assert "\N{EN DASH}" in text
