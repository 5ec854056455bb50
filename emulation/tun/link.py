"""The `tun` backend: two network namespaces, and a user-space ferry that carries IP packets.

    programs ─ kernel TCP/IP ─ TUN "edge0" ══ ferry (two lanes) ══ TUN "server0" ─ TCP/IP ─ programs

Real sockets, and the kernel's own TCP, at both ends; the link law is `emulation.lane`, driven by
`ferry.py`. Programs at the edge dial the server's address directly.
"""

import json
import platform
import sys
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass
from typing import Any

from emulation.errors import CommandFailed
from emulation.host import netns
from emulation.host.child import Child
from emulation.host.netns import Namespace
from emulation.link import Backend, Endpoint, Link, Transport
from emulation.spec import MTU_BYTES, CongestionControl, LinkSpec, Weather, link_to_json
from emulation.tun import device as tun_device

EDGE_DEVICE, SERVER_DEVICE = "edge0", "server0"
SECOND_CHOICE = 1024
"""Metric of a route that is used while there is no better one."""


@dataclass(frozen=True, slots=True)
class _End:
    """A namespace with its device, its own address and that of the other end.

    There are two routes. The first has the congestion control that was asked for; it goes when
    somebody takes the device down. The second is the kernel's own, which comes again with the
    device: programs go on over it until the link is renewed.
    """

    namespace: Namespace
    device: str
    address: str
    peer: str

    def connect(self, congestion_control: CongestionControl) -> None:
        """Give the device its addresses and both routes. Raises CommandFailed."""
        self.namespace.ip(
            f"link set {self.device} mtu {MTU_BYTES} txqueuelen {tun_device.TX_QUEUE_PACKETS} up",
            f"address add {self.address} peer {self.peer} dev {self.device} metric {SECOND_CHOICE}",
            f"route add {self._route(congestion_control)}",
        )

    def route_again(self, congestion_control: CongestionControl) -> None:
        """Make the first route anew where it has gone; a device that is down has none."""
        with suppress(CommandFailed):
            self.namespace.ip(f"route replace {self._route(congestion_control)}")

    def counters(self) -> dict[str, int]:
        """What the kernel counted at the device: sent is what the ferry reads."""
        shown = self.namespace.run("ip", "-s", "-j", "link", "show", "dev", self.device)
        stats = json.loads(shown)[0]["stats64"]
        return {
            f"{way}_{what}": stats[way][what]
            for way in ("tx", "rx")
            for what in ("packets", "bytes", "dropped", "errors")
        }

    def _route(self, congestion_control: CongestionControl) -> str:
        return f"{self.peer} dev {self.device} src {self.address} congctl lock {congestion_control}"


class TunLink(Link):
    """An open link. Both ends are network namespaces of this machine."""

    backend = "tun"
    meter_uri = f"netdev:{EDGE_DEVICE},0"
    """A TUN device carries bare IP packets: 0 bytes of header each."""

    def __init__(self, spec: LinkSpec, seed: int) -> None:
        """Raises LinkUnavailable, or LinkFault when a command or the ferry fails."""
        netns.require_congestion_control(spec.congestion_control)
        self._congestion_control = spec.congestion_control
        with ExitStack() as resources:
            namespaces = netns.open_namespaces("edge", "server")
            edge, server = self._ends = _ends(*resources.enter_context(namespaces))
            argv = (*edge.namespace.entry, sys.executable, "-m", "emulation.tun.ferry")
            self._ferry = resources.enter_context(closing(Child("tun link", argv)))
            devices = [
                {"namespace": str(end.namespace.path), "device": end.device} for end in self._ends
            ]
            self._ferry.ask(link=link_to_json(spec), seed=seed, ends=devices)
            for end in self._ends:
                end.connect(spec.congestion_control)
            self.edge = Endpoint("edge", edge.address, edge.namespace.argv_prefix)
            self.server = Endpoint("server", server.address, server.namespace.argv_prefix)
            self._ferry.ask(do="start")
            self._resources = resources.pop_all()

    def require_running(self) -> None:
        """Raises LinkFault when the ferry has ended, or who removes the namespaces in the end."""
        self._ferry.require_alive()
        self._ends[0].namespace.require_kept()

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """The server's own address: it is reached as on any network. Raises LinkFault."""
        self.require_running()
        return self.server.address, port

    def renew(self, weather: Weather) -> None:
        """End connections at both ends, then have the ferry make new lanes. Raises LinkFault."""
        for end in self._ends:
            end.namespace.end_connections()
            end.route_again(self._congestion_control)
        self._ferry.ask(do="renew", **asdict(weather))

    def describe(self) -> dict[str, Any]:
        """Versions, the ferry's counters and those of both devices at this moment.

        Nothing but the lanes should drop or delay a packet. `tx_dropped` packets found a device's
        ring full, and `*_late_packets` waited for the ferry more than 1 ms. Raises LinkFault.
        """
        self.require_running()
        return {
            "kernel": platform.release(),
            "congestion_control": self._congestion_control,
            "ferry": self._ferry.ask(do="describe"),
            "devices": {
                name: end.counters()
                for name, end in zip(("edge", "server"), self._ends, strict=True)
            },
        }


def missing() -> str | None:
    """None when this machine can give the backend, else what is missing, in one line."""
    if sys.platform != "linux":
        return "TUN devices and network namespaces need Linux"
    return tun_device.missing() or netns.missing()


backend = Backend("tun", missing, TunLink)
"""Linux with /dev/net/tun, and root or user namespaces; losses repeat with the traffic."""


def _ends(edge: Namespace, server: Namespace) -> tuple[_End, _End]:
    network = netns.new_network()
    edge_address, server_address = str(network[1]), str(network[2])
    return (
        _End(edge, EDGE_DEVICE, edge_address, server_address),
        _End(server, SERVER_DEVICE, server_address, edge_address),
    )
