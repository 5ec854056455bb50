"""Damaged inputs of every kind: exit code 0 or 2 and one line, never a traceback."""

import pytest
from hypothesis import settings

from tests.faults.fuzz.command import by_process
from tests.faults.fuzz.fuzz import fuzz
from tests.faults.fuzz.kinds import KINDS, Kind


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_damaged_input_is_used_or_refused_in_one_line(kind: Kind) -> None:
    tally = fuzz(kind, same=settings().derandomize)
    assert tally.refused > 0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_process_of_its_own_ends_like_that_too(kind: Kind) -> None:
    fuzz(kind, by_process, examples=2)
