"""Runs in virtual time: measured halves, a modelled link, no sleeping.

`profile.py` holds what was measured of both halves, `measure.py` measures it, `cache.py` keeps it;
`simulate.py` plays a scenario's requests through SimPy processes (`edge.py`, `server.py`) and a
modelled connection (`emulation/transport`), and `columns.py` makes the table that a run leaves.
"""

from testbed.virtual.cache import profile_for
from testbed.virtual.measure import measure_profile
from testbed.virtual.profile import Profile
from testbed.virtual.simulate import run_virtual, simulate

__all__ = ["Profile", "measure_profile", "profile_for", "run_virtual", "simulate"]
