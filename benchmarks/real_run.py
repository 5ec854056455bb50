"""One run between real halves, as `testbed run` does it, of which only what was found is kept."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from testbed.config.scenario import Scenario
from testbed.errors import one_line
from testbed.runs.folder import Run, load
from testbed.wall.run import RunOptions, run


def really_run(
    scenario: Scenario, backend: str, say: Callable[[str], None] = lambda line: None
) -> Run:
    """Raises as `wall.run.run` does."""
    with TemporaryDirectory() as folder:
        order = RunOptions(scenario, "", backend, Path(folder) / "run")
        finished, _ = run(order, say, lambda record: None)
        return load(finished)


def why_refused(error: Exception) -> str:
    """Its first clause: those behind it say what somebody at a terminal may do."""
    return one_line(error).partition(";")[0]
