"""What a benchmark found, as a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_json(file: Path, report: Mapping[str, Any]) -> None:
    """Write a report, and the folders above it where they are missing. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
