"""The link that is none: both ends on 127.0.0.1, nothing shaped. The harness is measured on it."""

from typing import Any

from emulation.closing import Closing
from emulation.link import Endpoint, Transport


class LoopbackLink(Closing):
    """`Link` over the machine's own loopback; there is nothing to open or to close."""

    backend = "loopback"
    meter_uri = "none"

    def __init__(self) -> None:
        self.edge = Endpoint("edge", "127.0.0.1")
        self.server = Endpoint("server", "127.0.0.1")

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """The port itself."""
        return self.server.address, port

    def describe(self) -> dict[str, Any]:
        """Nothing worth keeping."""
        return {}

    def close(self) -> None:
        """Nothing to take down."""
