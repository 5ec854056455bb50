"""README quotes the reference runs, and only as they are."""

import re

import pytest

from benchmarks.readme import PARTS, README, REFERENCE, filled


def test_every_figure_is_that_of_its_folder() -> None:
    text = README.read_text(encoding="utf-8")
    assert filled(text) == text, "python -m benchmarks.readme writes them anew"


def test_a_figure_that_is_not_that_of_its_folder_is_noticed() -> None:
    text = README.read_text(encoding="utf-8")
    forged = re.sub(r"(?<=\| local \| )\d", "9", text, count=1)
    assert forged != text
    assert filled(forged) == text


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_quoted(part: str) -> None:
    assert f"<!-- from results/reference/{part} -->" in README.read_text(encoding="utf-8")
    assert (REFERENCE / part).exists()
