"""Runs in virtual time: measured halves, a modelled link, no sleeping."""

from testbed.virtual.measure import measure_profile, profile_for
from testbed.virtual.profile import Profile
from testbed.virtual.simulate import run_virtual, simulate

__all__ = ["Profile", "measure_profile", "profile_for", "run_virtual", "simulate"]
