"""Results of points on disk: one small JSON file each, written whole."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from testbed.reproduce.training.point import Point
from testbed.strict_json import dumps
from testbed.whole_file import write_whole


@dataclass(frozen=True)
class Outcome:
    """What became of a point.

    accuracy: task -> share of the test images right, in 0..1; empty if it failed. seconds: of
    training and testing. error: one line, None if all went well. kept: read from disk, not trained
    just now.
    """

    point: Point
    accuracy: Mapping[str, float]
    seconds: float
    error: str | None = None
    kept: bool = False


class Points:
    """The results kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, point: Point) -> Outcome | None:
        """Its result; None if there is none, if it failed, or if the file is damaged."""
        try:
            found: dict[str, Any] = json.loads(self._file(point).read_text(encoding="utf-8"))
            accuracy = {task: float(found["accuracy"][task]) for task in point.tasks}
            outcome = Outcome(point, accuracy, float(found["seconds"]), found["error"], kept=True)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None if outcome.error else outcome

    def keep(self, outcome: Outcome) -> None:
        """Write a result. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {
            "point": asdict(outcome.point),
            "accuracy": dict(outcome.accuracy),
            "seconds": outcome.seconds,
            "error": outcome.error,
        }
        write_whole(self._file(outcome.point), dumps(content).encode())

    def _file(self, point: Point) -> Path:
        return self.folder / f"{point.digest}.json"
