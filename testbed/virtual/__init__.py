"""Runs in virtual time: measured halves, a modelled link, no sleeping.

`profile.py` holds what was measured of both halves, `measure.py` measures it and keeps it;
`simulate.py` plays a scenario's requests: `virtual_edge.py` and `far.py` drive their life in SimPy
over a modelled connection (`emulation/transport`).
"""

from testbed.virtual.measure import measure_profile, profile_for
from testbed.virtual.profile import Profile
from testbed.virtual.simulate import run_virtual, simulate

__all__ = ["Profile", "measure_profile", "profile_for", "run_virtual", "simulate"]
