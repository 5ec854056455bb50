"""The fallback that needs no privileges: byte streams through SimPy lanes in wall time."""
