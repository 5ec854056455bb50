"""A route that comes back with its interface: the kernel drops it where one is set down.

Only those are restored by the kernel that go with an address, and they know no congestion control.
Sources: rtnetlink(7), netlink(7); linux/rtnetlink.h.
"""

import socket
import struct
from collections.abc import Sequence
from contextlib import suppress

from emulation.errors import CommandFailed
from emulation.host import shell

RTMGRP_LINK = 1
RTM_NEWLINK = 16
IFF_UP = 1
_HEADER = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, port."""
_INTERFACE = struct.Struct("=BxHiII")
"""ifinfomsg: family, kind, index, flags, and which of these have changed."""
_READ_BYTES = 65_536


class KeptRoute:
    """Of the namespace in which the calling thread is."""

    def __init__(self) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
        self._socket = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
        self._socket.bind((0, RTMGRP_LINK))
        self._argv: Sequence[str] = ()

    def fileno(self) -> int:
        """Readable when something has happened to an interface."""
        return self._socket.fileno()

    def keep(self, argv: Sequence[str]) -> None:
        """Have the route made, now and from now on, by this command. Raises CommandFailed."""
        self._argv = argv
        shell.run(argv)

    def look(self) -> None:
        """Make the route anew where an interface was set up; it may be down again already."""
        came_up = False
        while True:
            try:
                came_up |= set_up(self._socket.recv(_READ_BYTES))
            except BlockingIOError:
                break
            except OSError:  # more has happened than the socket holds (ENOBUFS)
                came_up = True
        if came_up:
            with suppress(CommandFailed):
                shell.run(self._argv)


def set_up(messages: bytes) -> bool:
    """Whether these tell of an interface that was set up."""
    while len(messages) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(messages)
        if kind == RTM_NEWLINK and len(messages) >= _HEADER.size + _INTERFACE.size:
            *_, flags, changed = _INTERFACE.unpack_from(messages, _HEADER.size)
            if flags & changed & IFF_UP:
                return True
        messages = messages[max(_HEADER.size, length + 3 & ~3) :]
    return False
