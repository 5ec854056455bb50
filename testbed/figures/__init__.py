"""Figures, made from saved results alone.

Of a run: `stages.py` shows where the time goes, `waterfall.py` in which order, `cdf.py` how latency
is distributed; `cdf_of_runs.py` does that for several runs. Of a sweep: `latency_curves.py` is
latency over rate or loss, `crossings.py` where deployments change places, `best_map.py` a map of
the fastest, `prediction.py` and `validation.py` are virtual time beside the wall clock. `style.py`
is what they share; `kinds.py` knows them by name.
"""

from testbed.figures.kinds import (
    RUN_KINDS,
    SWEEP_KINDS,
    USUAL_OF_A_RUN,
    draw_all,
    draw_runs,
    draw_sweep,
)

__all__ = [
    "RUN_KINDS",
    "SWEEP_KINDS",
    "USUAL_OF_A_RUN",
    "draw_all",
    "draw_runs",
    "draw_sweep",
]
