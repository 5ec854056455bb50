"""Every kind of figure by its name: drawn first, all of those asked for, and only then written."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from testbed.errors import BadInput
from testbed.figures.axis import CannotDraw, Sweep

if TYPE_CHECKING:  # importing matplotlib takes longer than a run needs to start
    from matplotlib.figure import Figure

    from testbed.figures.cdf import NamedRun

FIGURES = "figures"
"""The folder for them, in that of a run or sweep."""

RUN_KINDS = ("stages", "cdf", "waterfall", "energy", "timeline")
USUAL_OF_A_RUN = ("stages", "cdf")
"""And energy, where it is known, and the timeline, where the edge may fall back."""
SWEEP_KINDS = (
    "latency-vs-bandwidth",
    "energy-vs-bandwidth",
    "latency-vs-loss",
    "best-deployment",
    "predicted-vs-measured",
    "validation",
)


def draw_all(
    summary: dict[str, Any],
    requests: pd.DataFrame,
    out_dir: Path,
    kinds: Sequence[str] | None = None,
) -> list[Path]:
    """Draw these kinds of figure of a run into `out_dir` (made if missing), each as PNG and SVG.

    summary: from `summary.summarise`. requests: from `table.table_of`. kinds: of RUN_KINDS; the
    usual ones without. Returns the files. Leaves matplotlib's own settings as they were. Raises
    CannotDraw for energy or times that are not known, OSError when a file cannot be written.
    """
    from testbed.figures import cdf, energy, stages, style, timeline

    draw: dict[str, Callable[[], Figure]] = {
        "stages": lambda: stages.draw(summary),
        "cdf": lambda: cdf.draw(summary, requests),
        "waterfall": lambda: stages.draw_waterfall(summary),
        "energy": lambda: energy.draw(summary),
        "timeline": lambda: timeline.draw(summary, requests),
    }
    if kinds is None:
        also = {
            "energy": energy.is_known(summary),
            "timeline": summary.get("fallback_after_ms") is not None,
        }
        kinds = (*USUAL_OF_A_RUN, *(kind for kind, suits in also.items() if suits))
    with style.applied():
        return _write({kind: draw[kind]() for kind in kinds}, {}, out_dir)


def draw_runs(runs: Sequence["NamedRun"], out_dir: Path) -> list[Path]:
    """Draw how latency spreads in several runs, as `draw_all` does. Raises CannotDraw, OSError."""
    from testbed.figures import cdf, style

    with style.applied():
        return _write({"cdf": cdf.draw_runs(runs)}, {}, out_dir)


def draw_sweep(
    sweep: Sweep, kinds: Sequence[str] | None = None, out_dir: Path | None = None
) -> list[Path]:
    """Draw these kinds (of SWEEP_KINDS) of figure of a sweep; without, all that suit it.

    Figures are written as PNG and SVG, with their numbers as CSV, to `out_dir`, by default the
    sweep's own folder of figures. Returns the files; none when no kind suits. Raises BadInput in
    one line when the sweep lacks what a kind asked for needs, OSError when a file cannot be
    written.
    """
    from testbed.figures import style

    figures: dict[str, Figure] = {}
    tables: dict[str, pd.DataFrame] = {}
    with style.applied():
        for kind in kinds or SWEEP_KINDS:
            try:
                figures[kind], table = _of_sweep(sweep, kind)
            except CannotDraw as error:
                if kinds:
                    raise BadInput(f"{sweep.folder}: {kind}: {error}") from None
            else:
                tables |= table
        return _write(figures, tables, out_dir or sweep.folder / FIGURES)


def _of_sweep(sweep: Sweep, kind: str) -> tuple["Figure", dict[str, pd.DataFrame]]:
    """The figure and its numbers under the name of their file. Raises CannotDraw."""
    from testbed.figures import best_map, latency_curves, prediction, sweep_points

    if kind == "energy-vs-bandwidth":
        return latency_curves.draw(sweep, "rate", sweep_points.ENERGY), {}
    if kind == "latency-vs-bandwidth":
        return latency_curves.draw(sweep, "rate"), {
            "crossovers": latency_curves.crossings_of(sweep)
        }
    if kind == "latency-vs-loss":
        return latency_curves.draw(sweep, "loss"), {}
    if kind == "best-deployment":
        return best_map.draw(sweep), {kind: best_map.best_of(sweep)}
    if kind == "predicted-vs-measured":
        return prediction.draw_sweep(sweep), {kind: prediction.cells_of(sweep)}
    return prediction.draw_validation(sweep), {}


def _write(
    figures: dict[str, "Figure"], tables: dict[str, pd.DataFrame], out_dir: Path
) -> list[Path]:
    """Each file whole; none but these is touched."""
    from testbed.figures import style
    from testbed.storage.files import replacing

    if figures:
        out_dir.mkdir(parents=True, exist_ok=True)
    written = [
        path for name, drawn in figures.items() for path in style.write(drawn, out_dir / name)
    ]
    for name, table in tables.items():
        with replacing(out_dir / f"{name}.csv") as draft:
            table.to_csv(draft, index=False, lineterminator="\n", float_format="%.6g")
        written.append(out_dir / f"{name}.csv")
    return written
