"""Channels over ZeroMQ, and the only place that knows it.

`sockets.py` says what both ends' sockets have in common. `curve.py` has the keys by which halves on
two machines know each other, `doorkeeper.py` sees who comes to a server and goes.
"""

from testbed.channel.zeromq.edge import ZeroMqEdge
from testbed.channel.zeromq.server import ZeroMqServer

__all__ = ["ZeroMqEdge", "ZeroMqServer"]
