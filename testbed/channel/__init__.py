"""How messages get from one half to the other: send, receive, and word of a gone peer.

`channel.py` says what a channel is; `zeromq.py` is one, and the only place that knows ZeroMQ.
"""

from testbed.channel.channel import EdgeChannel, Frames, ServerChannel
from testbed.channel.zeromq import ZeroMqEdge, ZeroMqServer

__all__ = ["EdgeChannel", "Frames", "ServerChannel", "ZeroMqEdge", "ZeroMqServer"]
