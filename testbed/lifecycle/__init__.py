"""The life of a request, without a clock and without input or output.

Two drivers do what it asks: `halves/` on the wall clock with real networks and sockets, `virtual/`
in SimPy's time with measured durations. The style is that of h11 (a protocol as a state machine
that never touches a socket).
"""
