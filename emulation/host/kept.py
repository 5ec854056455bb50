"""Routes and neighbours that come back with their interface: set down, the kernel drops both.

It restores by itself only those routes that go with an address, and they know no congestion
control. Sources: rtnetlink(7), netlink(7); linux/rtnetlink.h.
"""

import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from emulation.errors import CommandFailed
from emulation.host import shell
from emulation.host.within import within

RTMGRP_LINK = 1
RTM_NEWLINK = 16
IFF_UP = 1
_HEADER = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, port."""
_INTERFACE = struct.Struct("=BxHiII")
"""ifinfomsg: family, kind, index, flags, and which of these have changed."""
_READ_BYTES = 65_536


class Kept:
    """What was set up in one namespace, and is set up again with each interface of it."""

    def __init__(self, namespace: Path, commands: Sequence[str]) -> None:
        """Do it for the first time.

        namespace: the file that stands for it, named as ip-netns(8) names it. commands: of ip(8),
        such as can be done twice ("route replace ..."). Raises CommandFailed, OSError.
        """
        self._name, self._commands = namespace.name, commands
        self._socket = within(namespace, _of_interfaces)
        self._do()

    def fileno(self) -> int:
        """Readable when something has happened to an interface."""
        return self._socket.fileno()

    def look(self) -> None:
        """Do it anew where an interface was set up; it may be down again already."""
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
                self._do()

    def _do(self) -> None:
        shell.run(("ip", "-n", self._name, "-batch", "-"), input_text="\n".join(self._commands))


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


def _of_interfaces() -> socket.socket:
    """Tells what happens to the interfaces of the calling thread's namespace."""
    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
    told = socket.socket(socket.AF_NETLINK, kind, socket.NETLINK_ROUTE)
    told.bind((0, RTMGRP_LINK))
    return told
