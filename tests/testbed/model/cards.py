"""The card inside a weights file, read with nothing but the format's own library."""

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open


def card_in(file: Path) -> dict[str, Any]:
    """What was known of the weights when they were written."""
    with safe_open(file, "pt") as weights:
        return dict(json.loads(weights.metadata()["card"]))
