"""Points: pieces of work that are named by all their results depend on, done once and kept.

Sweeps and studies are lists of points. `worklist.py` does those that are missing; `store.py` keeps
results on disk; `pool.py` and `cluster.py` are who may do them, processes of this machine or a dask
cluster; `code.py` finds out what code a point depends on.
"""
