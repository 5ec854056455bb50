"""`testbed device measure`: needs no more than an edge half does."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from testbed.config.scenario import HOST, NAME_PATTERN
from testbed.devices.measure.device import as_yaml, measure_device
from testbed.errors import BadInput
from testbed.storage.files import atomic_write, shown, writing


def measure_here(
    name: str, backbones: Sequence[str], threads: int, rounds: int, out: Path | None
) -> None:
    """Measure, write, and print the file's path as the last line."""
    if not re.match(NAME_PATTERN, name) or name == HOST:
        raise BadInput(f"NAME: found {name!r}, allowed: letters, digits, '.', '_', '-'")
    file = out or Path(f"{name}.yaml")
    with writing(file), file.open("ab"):  # before minutes of measuring
        pass
    if not file.stat().st_size:
        file.unlink()
    measured = measure_device(name, backbones, threads, _say, rounds)
    atomic_write(file, as_yaml(measured))
    sys.stdout.write(f"{shown(file)}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
