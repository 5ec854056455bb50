"""Sweeps: what one is asked to do, which points it has, and what it leaves in a folder.

`sweep_file.py` reads the file, `ranges.py` and `expand.py` turn it into points, `identity.py` says
what tells one point from another, `columns.py` and `folder.py` are the results. Doing the points is
in `testbed/sweep_run/`.
"""
