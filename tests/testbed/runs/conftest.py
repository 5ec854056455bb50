"""What tests of runs share."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import testbed.figures.kinds


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that take no time."""

    def draw(summary: dict[str, Any], requests: pd.DataFrame, out_dir: Path) -> list[Path]:
        out_dir.mkdir(exist_ok=True)
        return []

    monkeypatch.setattr(testbed.figures.kinds, "draw_all", draw)
