"""Tries damaged inputs of a kind: whatever they are, a command does its work or refuses in a line.

No input may make a command run code of it, or take longer than a look at it should.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.faults.fuzz.command import Call, Told, within
from tests.faults.fuzz.damage import bytes_edited, tree_edited
from tests.faults.fuzz.kinds import Kind
from tests.faults.fuzz.programs import EXECUTED

MOST_S = 60.0
"""For one command, on a machine that has other work too."""
SHOWN_BYTES = 400


@dataclass
class Tally:
    """What became of the inputs of a kind: read and used, or refused in one line."""

    kind: str
    used: int = 0
    refused: int = 0

    def count(self, told: Told) -> None:
        """One command's end."""
        self.used += told.code == 0
        self.refused += told.code != 0


def fuzz(
    kind: Kind, call: Call = within, examples: int | None = None, *, same: bool = True
) -> Tally:
    """Raises AssertionError with the smallest input found that broke a command.

    same: the same examples every time.
    """
    tally = Tally(kind.name)
    with TemporaryDirectory(prefix="faults-") as made:
        template = Path(made)
        kind.prepare(template)
        files = sorted(file for file in template.glob(kind.files) if file.is_file())

        @settings(
            max_examples=examples or kind.examples,
            derandomize=same,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def one(data: DataObject) -> None:
            file = data.draw(st.sampled_from(files))
            content = file.read_bytes()
            damaged = bytes_edited(content)
            if kind.trees and file.suffix in (".yaml", ".json"):
                damaged |= tree_edited(content)
            if kind.other is not None:
                damaged |= kind.other(content)
            new = data.draw(damaged)
            with _copied(template) as folder:
                place = folder / file.relative_to(template)
                place.write_bytes(new)
                try:
                    for command in kind.commands(folder, place):
                        tally.count(_tried(call, folder, command))
                except AssertionError:
                    note(f"{file.name}: {_difference(content, new)}")
                    raise

        one()
    return tally


def _tried(call: Call, folder: Path, command: tuple[str, ...]) -> Told:
    """How a command in a damaged folder ended. Raises AssertionError where none may."""
    began_s = perf_counter()
    told = call(folder, command)
    taken_s = perf_counter() - began_s
    assert not told.against(), f"{command}: {told.against()}"
    assert taken_s < MOST_S, f"{command}: took {taken_s:.0f} s"
    assert not list(folder.rglob(EXECUTED)), f"{command}: ran code of its input"
    return told


@contextmanager
def _copied(template: Path) -> Iterator[Path]:
    with TemporaryDirectory(prefix="faults-") as made:
        folder = Path(made) / "of a user"
        shutil.copytree(template, folder)
        yield folder


def _difference(old: bytes, new: bytes) -> str:
    """From the first byte to the last that differ."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    ends = range(shorter - start)
    end = next((at for at in ends if old[-1 - at] != new[-1 - at]), shorter - start)
    was, now = old[start : len(old) - end], new[start : len(new) - end]
    return f"from byte {start} {was[:SHOWN_BYTES]!r} became {now[:SHOWN_BYTES]!r}"
