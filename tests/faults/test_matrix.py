"""The fault matrix: whatever is done to a run, each of its requests is accounted for."""

from pathlib import Path

import pytest

from tests.faults.matrix import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_unaccounted_for_and_nothing_left(case: Case, tmp_path: Path) -> None:
    if why := case.missing():
        pytest.skip(why)
    outcome = case.play(tmp_path)
    assert outcome.against == []
    assert outcome.left_behind == []
    assert outcome.counted.unaccounted == 0, outcome
