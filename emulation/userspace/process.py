"""The process behind the SimPy link: `python -m emulation.userspace.process`.

Standard input brings one JSON object a line, standard output answers with one a line. The first
says what to be (`spec`, `seed`, `meter`), the others what to do (`expose` a port, `renew`,
`describe`). The process ends with its standard input, so it cannot outlive whoever started it.
"""

import json
import os
import platform
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import simpy
from simpy.core import StopSimulation

from emulation.host.alarm import prefer_this_process
from emulation.host.child import Commands, answer, obey
from emulation.spec import Weather, link_from_json
from emulation.userspace.carrier import Lanes
from emulation.userspace.pacer import Pacer
from emulation.userspace.relay_tcp import TcpRelay
from emulation.userspace.relay_udp import UdpRelay

ADDRESS = "127.0.0.1"
_READ_BYTES = 65536
_STDIN = 0


class Process:
    """What the commands act on."""

    def __init__(self) -> None:
        self._scheduling = prefer_this_process() if sys.platform == "linux" else "ordinary"
        opening = json.loads(sys.stdin.buffer.readline())
        self._meter = Path(opening["meter"])
        self._pacer = Pacer()
        spec = link_from_json(opening["spec"])
        self._lanes = Lanes(self._pacer, spec, opening["seed"], self._meter)
        self._relays: dict[tuple[int, str], TcpRelay | UdpRelay] = {}

    def run(self) -> None:
        """Answer commands and carry bytes until standard input ends."""
        self._pacer.on_readable(_STDIN, self._read_command)
        answer(ready=True)
        try:
            self._pacer.run()
        finally:
            self._meter.unlink(missing_ok=True)
            with suppress(OSError):  # its folder is the owner's, who may have been killed
                self._meter.parent.rmdir()

    def _read_command(self) -> None:
        """The owner asks again only when answered, so that a read takes one."""
        data = os.read(_STDIN, _READ_BYTES)
        if not data:
            raise StopSimulation(None)
        commands: Commands = {
            "expose": self._expose, "renew": self._renew, "describe": self._describe,
        }  # fmt: skip
        obey(data, commands)

    def _expose(self, port: int, transport: str) -> dict[str, Any]:
        """The same port exposed twice keeps its first address."""
        relay = self._relays.get((port, transport))
        if relay is None:
            kind = TcpRelay if transport == "tcp" else UdpRelay
            relay = self._relays[port, transport] = kind(self._lanes, (ADDRESS, port))
        return {"address": relay.address}

    def _renew(self, **weather: Any) -> dict[str, Any]:
        for relay in self._relays.values():
            relay.reset()
        self._lanes.renew(Weather(**weather))
        return {}

    def _describe(self) -> dict[str, Any]:
        self._lanes.up.count()
        self._lanes.down.count()
        up, down = self._lanes.counters()
        return {
            "python": platform.python_version(),
            "simpy": simpy.__version__,
            "process": os.getpid(),
            "scheduling": self._scheduling,
            "uplink": asdict(up),
            "downlink": asdict(down),
        }


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then closes us
    Process().run()
