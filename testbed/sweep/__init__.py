"""Sweeps: what one is asked to do, which points it has, doing them, and what is left in a folder.

`run.py` is the main path. `sweep_file.py` reads the file, `ranges.py` and `expand.py` turn it into
points; `prepare.py` finds out what has to be known before a point can run, `identity.py` what tells
one from another, `work.py` does one; `columns.py` and `folder.py` are the results. Points are kept
and resumed by `testbed/points/`.
"""
