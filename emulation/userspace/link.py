"""The fallback link: no privileges, no devices, any system. SimPy in wall time carries the bytes.

A child process (`process.py`) owns the lanes and listens on loopback; programs at both ends
talk through ordinary sockets (`relay_tcp.py`, `relay_udp.py`).
"""

import sys
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Any

from emulation.host.child import Child
from emulation.host.owned import scratch_folder
from emulation.link import Backend, Endpoint, Link, Transport
from emulation.meter import COUNTERS
from emulation.spec import LinkSpec, Weather, link_to_json


class SimpyLink(Link):
    """An open link; both ends are on 127.0.0.1."""

    backend = "simpy"
    edge, server = Endpoint("edge", "127.0.0.1"), Endpoint("server", "127.0.0.1")

    def __init__(self, spec: LinkSpec, seed: int) -> None:
        """Raises LinkFault when the child does not start."""
        with ExitStack() as resources:
            meter = resources.enter_context(scratch_folder()) / "meter"
            meter.write_bytes(bytes(COUNTERS.size))
            self.meter_uri = f"mmap:{meter}"
            argv = (sys.executable, "-m", "emulation.userspace.process")
            self._child = resources.enter_context(closing(Child("simpy link", argv)))
            self._child.ask(spec=link_to_json(spec), seed=seed, meter=str(meter))
            self._resources = resources.pop_all()

    def require_running(self) -> None:
        """Raises LinkFault when the child has ended."""
        self._child.require_alive()

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """A loopback port whose connections or datagrams cross to `port`. Raises LinkFault."""
        answer = self._child.ask(do="expose", port=port, transport=transport)
        address, front_port = answer["address"]
        return address, front_port

    def renew(self, weather: Weather) -> None:
        """Have the child make new lanes, and end every connection. Raises LinkFault."""
        self._child.ask(do="renew", **asdict(weather))

    def describe(self) -> dict[str, Any]:
        """Versions, and the counters of both lanes at this moment. Raises LinkFault."""
        return self._child.ask(do="describe")


backend = Backend("simpy", lambda: None, SimpyLink)
"""Can be had everywhere; TCP is modelled after Linux, with the congestion control of the spec."""
