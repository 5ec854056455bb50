"""Results on disk: a JSON file for each point, named by its digest, whole or not there.

    {"schema": 1, "point": DIGEST, ...what the point is..., "seconds": 1.5, "process": 4711,
     "failed": null, "RESULT": {...}, "sha256": "..."}

RESULT is the name that the owner of the folder gives results; sha256 is of its text, so that one
which was changed is done anew (files from before it have none). The file of a point that failed
says why, and has null for a result.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from testbed.storage.files import atomic_write, writing
from testbed.storage.strict_json import dumps, loads

SCHEMA = 1
"""Goes up when a key of a file changes its meaning."""

Task = TypeVar("Task")


@dataclass(frozen=True)
class Point(Generic[Task]):
    """One piece of work.

    digest: of all that its result depends on. task: what does the work is given this. described:
    what its file says of it, plain values. cost: of its work, relative to that of other points.
    """

    digest: str
    task: Task
    described: Mapping[str, Any]
    cost: float = 1.0


@dataclass(frozen=True)
class PointResult:
    """What became of a point.

    value: plain values; None if it failed. failed: why, in one line; None if it did not. seconds:
    of work. process: the id of the process that did it. found: on disk, not done just now.
    """

    point: str
    value: Mapping[str, Any] | None
    failed: str | None
    seconds: float
    process: int
    found: bool = False


class PointStore:
    """The results in a folder. result_name: the key under which a file has its result."""

    def __init__(self, folder: Path, result_name: str) -> None:
        self.folder, self._result_name = folder, result_name

    def find(self, digest: str) -> PointResult | None:
        """A point's result; None if there is none, if it failed, or if its file is damaged."""
        try:
            kept: dict[str, Any] = loads(self._file(digest).read_text(encoding="utf-8"))
            if (kept["schema"], kept["point"], kept["failed"]) != (SCHEMA, digest, None):
                return None
            value = dict(kept[self._result_name])
            if kept.get("sha256") not in (None, _sha256(value)):
                return None
            return PointResult(
                digest, value, None, float(kept["seconds"]), int(kept["process"]), found=True
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, point: Point[Any], result: PointResult) -> None:
        """Write a result in place of what there was. Raises BadInput when that is impossible."""
        content = {
            "schema": SCHEMA,
            "point": point.digest,
            **point.described,
            "seconds": result.seconds,
            "process": result.process,
            "failed": result.failed,
            self._result_name: result.value,
            "sha256": _sha256(result.value),
        }
        file = self._file(point.digest)
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        atomic_write(file, dumps(content))

    def _file(self, digest: str) -> Path:
        return self.folder / f"{digest}.json"


def _sha256(value: Mapping[str, Any] | None) -> str:
    return hashlib.sha256(dumps(value).encode()).hexdigest()
