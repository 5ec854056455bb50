"""The life of a request, without a clock and without input or output.

`edge.py` and `server.py` say what happens next and what becomes of a request; they are told what
time it is and what has come. Two drivers do what they ask: `halves/` on the wall clock with real
networks and sockets, `virtual/` in SimPy's time with measured durations. The style is that of h11
(a protocol as a state machine that never touches a socket).
"""
