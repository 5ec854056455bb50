"""Figures of one finished run, drawn from its summary and its table of requests alone.

`stages.py` shows where the time goes, `cdf.py` how it spreads; `style.py` is what they share.
"""

from pathlib import Path
from typing import Any

import pandas as pd


def draw_all(summary: dict[str, Any], requests: pd.DataFrame, out_dir: Path) -> list[Path]:
    """Draw every figure of a run into `out_dir` (made if missing), each as PNG and SVG.

    summary: from `summary.summarise`. requests: from `table.table_of`. Returns the files.
    Leaves matplotlib's own settings as they were. Raises OSError when a file cannot be written.
    """
    from testbed.figures import cdf, stages, style

    out_dir.mkdir(parents=True, exist_ok=True)
    with style.applied():
        figures = {"stages": stages.draw(summary), "cdf": cdf.draw(summary, requests)}
        return [
            path for name, figure in figures.items() for path in style.write(figure, out_dir / name)
        ]
