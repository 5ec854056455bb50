"""A file is the old one or the new one, whatever happens meanwhile."""

from pathlib import Path

import pytest

from testbed.whole_file import whole


def test_the_file_changes_only_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "figure.svg"
    file.write_text("old")
    with whole(file) as draft:
        draft.write_text("new")
        assert draft.suffix == ".svg" and draft.parent == tmp_path
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_after_an_interruption_the_old_file_is_there_and_no_draft(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    file = tmp_path / "table.csv"
    file.write_text("old")
    with pytest.raises(stop), whole(file) as draft:
        draft.write_text("ha")
        raise stop
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
