"""Runs that have begun, and end early or go on."""

from pathlib import Path

import pytest

from testbed.runs import recording
from tests.testbed import synthetic

BEGUN = {"scenario.yaml", "scenario.effective.yaml", "environment.json", "UNFINISHED"}
RECORDS = synthetic.records(requests=20)
DUE = len(RECORDS)
STILL_RUNNING: list[recording.Recording] = []


def left_in(folder: Path) -> set[str]:
    """Names of what is in a folder."""
    return {path.name for path in folder.iterdir()}


def end_early(
    out: Path, error: BaseException, records: int = 10, say: recording.Say = lambda line: None
) -> None:
    """A run that is ended by `error` after so many records."""
    with pytest.raises(type(error)), synthetic.recording(out, out.parent, say) as run:
        run.keep_link(synthetic.facts_of_a_run())
        for record in RECORDS[:records]:
            run.append(record)
        raise error


def begun(out: Path | None, root: Path, records: int = 0, *, killed: bool = True) -> Path:
    """The folder of a run that was killed, or goes on, after so many records."""
    run = synthetic.recording(out, root)
    for record in RECORDS[:records]:
        run.append(record)
    if killed:
        run._mark.close()
        run._lines.close()
    else:
        STILL_RUNNING.append(run)
    return run.folder
