"""Sweeps: what one is asked to do, which points it has, doing them, and what is left in a folder.

`run.py` is the main path. `sweep_file.py` reads the file, `expand.py` turns it into points;
`work.py` finds out what has to be known before one can run, and does it, `identity.py` what tells
one from another; `columns.py` and `folder.py` are the results. Points are kept and resumed by
`testbed/points/`.
"""
