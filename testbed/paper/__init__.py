"""The published system's claims, tried: what `testbed reproduce` does, a package a study.

A study uses the other rooms as any user would and nothing uses it but its command. `studies.py`
runs one by name; `report.py` and `verdict.py` are what each hands in; `training/` is what those
share that train networks.
"""
