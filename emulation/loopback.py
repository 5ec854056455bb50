"""The link that is none: both ends on 127.0.0.1, nothing shaped. The harness is measured on it."""

from types import TracebackType
from typing import Any, Self

from emulation.link import Endpoint, Transport


class LoopbackLink:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
