"""Figures, made from saved results alone; `kinds.py` knows them by name and writes them.

Of a run: `stages.py` shows where the time goes and in which order, `cdf.py` how latency is
distributed, also over several runs. Of a sweep (`axis.py`, `sweep_points.py`): `latency_curves.py`
is latency over rate or loss and where deployments change places, `best_map.py` a map of the
fastest, `prediction.py` virtual time beside the wall clock. `style.py` is what all share.
"""

import testbed.figures.plain  # noqa: F401  (before any of them imports matplotlib)
