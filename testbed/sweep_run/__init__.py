"""Doing a sweep: `run.py` is the main path.

`order.py` is what the command line asked for, `prepare.py` what has to be known before a point can
run, `point.py` does one. Who does them: processes of this machine (`testbed/pool.py`) or a dask
cluster (`cluster.py`). Both yield results as they come, each task's once; work returns, and does
not raise, what goes wrong with one task alone.
"""
