"""What was measured of both halves: every request of a run without a link, stage by stage.

`measure.py` makes a profile.
"""

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from emulation.text import read_text
from testbed.config.complaint import first_line
from testbed.errors import BadInput
from testbed.results.summary import Spread
from testbed.runs.environment import environment
from testbed.storage.files import atomic_write, reading, refusal, shown, writing
from testbed.virtual.repertoire import Repertoire
from testbed.wall.floor import Floor

SCHEMA: Literal[3] = 3
MOST_BYTES = 200_000_000
"""Of a file: some hundred thousand rows."""
_ALLOWED = "a profile that `testbed profile` wrote"


class Profile(Repertoire):
    """Both halves, measured.

    fingerprint: what the numbers depend on (`fingerprint.py`). environment: where and when.
    """

    version: Literal[3] = Field(default=SCHEMA, alias="schema")
    fingerprint: dict[str, Any]
    environment: dict[str, Any]
    floor: Floor

    def floor_ms(self) -> Spread:
        """As it was measured."""
        return {"p50": self.floor.p50_s * 1e3, "p99": self.floor.p99_s * 1e3}

    def facts(self) -> dict[str, Any]:
        """The floor, and what was measured where."""
        return {
            "floor": asdict(self.floor),
            "profile": {
                "fingerprint": self.fingerprint,
                "environment": self.environment,
                "slowdown": self.slowdown,
                "rows": len(self),
            },
        }


FRESH_S = 3600.0
"""A machine that others share is another one an hour later."""


def against(profile: Profile, now: datetime | None = None) -> str:
    """What speaks against taking a kept profile for this machine as it is now; empty if nothing.

    It may be of another machine with the same processor, or too old. now: an aware time.
    """
    here = environment("none", "")
    for fact in ("memory_bytes", "kernel"):
        measured = profile.environment.get(fact)
        if measured not in (None, here[fact]):
            return f"measured on another machine ({fact} {measured}, here {here[fact]})"
    started = datetime.fromisoformat(profile.environment["started_utc"])
    if ((now or datetime.now(UTC)) - started).total_seconds() > FRESH_S:
        return f"measured {profile.environment['started_utc']}, more than an hour ago"
    return ""


def save_profile(profile: Repertoire, path: Path) -> None:
    """Write JSON, whole or not at all. Raises BadInput when the file cannot be written."""
    check_file(path)
    atomic_write(path, profile.model_dump_json(by_alias=True) + "\n")


def check_file(path: Path) -> None:
    """Raise BadInput if `save_profile` could not write there; makes the folder."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise refusal(path, "cannot be written", "a file that can")


def load_profile(path: Path) -> Profile:
    """Read what `save_profile` wrote. Raises BadInput for anything else."""
    try:
        with reading(path, _ALLOWED):
            return Profile.model_validate_json(read_text(path, MOST_BYTES))
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise refusal(path, "not JSON", _ALLOWED) from None
        raise BadInput(f"{shown(path)}: {first_line(error, 'profile')}") from None
