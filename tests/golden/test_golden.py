"""The inside may change; what a user gets for the same input may not. See `made.py`."""

from pathlib import Path

import pytest

from tests.golden.made import FILES, FOLDER


@pytest.mark.parametrize("name", FILES)
def test_as_it_was(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    wanted = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    found = FILES[name]().splitlines()
    for number, (old, new) in enumerate(zip(wanted, found, strict=False), start=1):
        assert new == old, f"line {number}"
    assert len(found) == len(wanted)
