"""Opens TUN devices: network interfaces whose packets a program reads and writes.

Source: Linux's Documentation/networking/tuntap.rst and linux/if_tun.h. A device made this way
belongs to the network namespace it was opened in and vanishes with its descriptor.
"""

import fcntl
import os
import struct
from pathlib import Path

from emulation.host.within import within

DEVICE = Path("/dev/net/tun")
TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
"""Packets come as they are, without four bytes of packet information before them."""
TX_QUEUE_PACKETS = 20_000
"""The ring between the kernel and the ferry. What does not fit is dropped, with no word to the
sender's TCP, so it holds what may be sent while the ferry is kept from running: 80 ms at 3 Gbit/s.
It is no queue of the link: the ferry empties it whenever it runs."""
_IFREQ = struct.Struct("16sH22x")


def open_tun(namespace: Path, name: str) -> int:
    """Make the TUN device `name` in the namespace a file stands for; returns its descriptor.

    Reads do not block. Raises OSError.
    """

    def make() -> int:
        device = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, TUNSETIFF, _IFREQ.pack(name.encode(), IFF_TUN | IFF_NO_PI))
        return device

    return within(namespace, make)


def missing() -> str | None:
    """None when TUN devices can be made here, else what is missing and how to get it."""
    if not DEVICE.exists():
        return (
            f"no {DEVICE}: modprobe tun, then mkdir -p {DEVICE.parent} && "
            f"mknod {DEVICE} c 10 200 (in a container: start it with --device {DEVICE})"
        )
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return f"{DEVICE} may not be opened by this user: run as root, or chmod 0666 {DEVICE}"
    return None
