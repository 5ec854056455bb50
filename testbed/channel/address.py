"""Where a server half listens, as people type it: tcp://ADDRESS:PORT, and who can reach that."""

import re
from ipaddress import ip_address

from testbed.errors import BadInput
from testbed.storage.files import shown

_TCP = re.compile(r"tcp://(?:\[(?P<v6>[^]\s]+)\]|(?P<host>[^]\[:;\s]+)):(?P<port>[0-9]{1,5}|\*)")
"""ZeroMQ knows more forms, such as a second address behind a semicolon: each of them could lead
elsewhere than it seems."""
_PORTS = 2**16
"""From there on ZeroMQ begins again at 0, and says nothing."""


def stays_here(address: str, option: str) -> bool:
    """Whether only this machine can reach an address: a loopback one, or `localhost`.

    option: what it was given to. Raises BadInput for what is no tcp://ADDRESS:PORT; IPv6 addresses
    stand in square brackets.
    """
    found = _TCP.fullmatch(address)
    if found is None or (found["port"] != "*" and int(found["port"]) >= _PORTS):
        raise BadInput(
            f"{option} {shown(address)}: allowed: an address such as tcp://192.0.2.7:5555 "
            "or tcp://[2001:db8::7]:5555"
        )
    if found["host"] == "localhost":
        return True
    try:
        return ip_address(found["v6"] or found["host"]).is_loopback
    except ValueError:  # a name, an interface, or * for all there are
        return False
