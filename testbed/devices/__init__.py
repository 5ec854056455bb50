"""Devices as laws of compute: what each stage takes on a machine, in absolute seconds.

A device is a file: measured stage by stage (`tables.py`), or published figures of whole networks
that scale a measured one (`published.py`). `find.py` finds it, `law.py` answers for one network,
`measure/` makes a file of the machine it runs on.
"""
