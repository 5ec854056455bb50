"""Cases of the matrix that are two runs at once."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from emulation.link import load_backend
from testbed.commands.run import requests_in
from testbed.config.scenario_file import load_scenario
from tests.faults.outcome import Counted, Outcome, counted_in
from tests.faults.running import running
from tests.faults.runs import SETTINGS, WIFI, changes_of

BACKEND = "tun"


@dataclass(frozen=True)
class PairCase:
    """same: whether both are to write the same folder; then one of them is refused."""

    name: str
    same: bool

    def missing(self) -> str | None:
        """Why it cannot be played here; None if it can."""
        return load_backend(BACKEND).missing()

    def play(self, folder: Path) -> Outcome:
        """In a folder that is new."""
        began_s = monotonic()
        changes = changes_of(SETTINGS)
        planned = requests_in(load_scenario(WIFI, changes[1::2]))
        outs = ("one", "one" if self.same else "other")
        calls = [("run", str(WIFI), "--backend", BACKEND, *changes, "--out", out) for out in outs]
        with running(folder, calls[0], planned) as one, running(folder, calls[1], planned) as other:
            codes = sorted(command.end() for command in (one, other))
            err = one.err + other.err
            left = [*one.left_behind(), *other.left_behind()]
        runs = [counted_in(folder / out, planned, 0, False) for out in sorted(set(outs))]
        against = []
        if codes != [0, 2 if self.same else 0] or "Traceback" in err:
            against.append(f"exit codes {codes}: {err}")
        if self.same and "testbed: one: " not in err:  # not empty, or written by another run
            against.append(f"the other is not told why: {err}")
        counted = Counted(*(sum(numbers) for numbers in zip(*map(_numbers, runs), strict=True)))
        seconds = monotonic() - began_s
        return Outcome(self.name, 1, codes[1], counted, left, "", "", against, seconds)


def _numbers(counted: Counted) -> tuple[int, ...]:
    return tuple(vars(counted).values())
