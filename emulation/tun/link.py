"""The `tun` backend: two network namespaces, and a user-space ferry that carries IP packets.

    programs ─ kernel TCP/IP ─ TUN "edge0" ══ ferry (two lanes) ══ TUN "server0" ─ TCP/IP ─ programs

Real sockets, and the kernel's own TCP, at both ends; the link law is `emulation.lane`, driven by
`ferry.py`. Programs at the edge dial the server's address directly.
"""

import json
import platform
import sys
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Any

from emulation.host import netns
from emulation.host.child import Child
from emulation.host.netns import Namespace
from emulation.link import Backend, Endpoint, Link, Transport
from emulation.spec import MTU_BYTES, CongestionControl, LinkSpec, Weather, link_to_json
from emulation.tun import device as tun_device

EDGE_DEVICE, SERVER_DEVICE = "edge0", "server0"


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
            self._edge, self._server = resources.enter_context(namespaces)
            argv = (*self._edge.entry, sys.executable, "-m", "emulation.tun.ferry")
            self._ferry = resources.enter_context(closing(Child("tun link", argv)))
            ends = ((self._edge, EDGE_DEVICE), (self._server, SERVER_DEVICE))
            devices = [{"namespace": str(end.path), "device": device} for end, device in ends]
            self._ferry.ask(link=link_to_json(spec), seed=seed, ends=devices)
            self.edge, self.server = _connect(self._edge, self._server, spec.congestion_control)
            self._ferry.ask(do="start")
            self._resources = resources.pop_all()

    def require_running(self) -> None:
        """Raises LinkFault when the ferry has ended, or who removes the namespaces in the end."""
        self._ferry.require_alive()
        self._edge.require_kept()

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """The server's own address: it is reached as on any network. Raises LinkFault."""
        self.require_running()
        return self.server.address, port

    def renew(self, weather: Weather) -> None:
        """End connections at both ends, then have the ferry make new lanes. Raises LinkFault."""
        for end in (self._edge, self._server):
            end.end_connections()
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
                "edge": _device_counters(self._edge, EDGE_DEVICE),
                "server": _device_counters(self._server, SERVER_DEVICE),
            },
        }


def missing() -> str | None:
    """None when this machine can give the backend, else what is missing, in one line."""
    if sys.platform != "linux":
        return "TUN devices and network namespaces need Linux"
    return tun_device.missing() or netns.missing()


backend = Backend("tun", missing, TunLink)
"""Linux with /dev/net/tun, and root or user namespaces; losses repeat with the traffic."""


def _connect(
    edge: Namespace, server: Namespace, congestion_control: CongestionControl
) -> tuple[Endpoint, Endpoint]:
    """Give both devices addresses, and each end its route to the other."""
    network = netns.new_network()
    edge_address, server_address = str(network[1]), str(network[2])
    for end, device, own, peer in (
        (edge, EDGE_DEVICE, edge_address, server_address),
        (server, SERVER_DEVICE, server_address, edge_address),
    ):
        end.ip(
            f"link set {device} mtu {MTU_BYTES} txqueuelen {tun_device.TX_QUEUE_PACKETS} up",
            f"address add {own}/32 dev {device}",
        )
        route = f"{peer} dev {device} src {own} congctl lock {congestion_control}"
        end.keep(f"route replace {route}")
    return (
        Endpoint("edge", edge_address, edge.argv_prefix),
        Endpoint("server", server_address, server.argv_prefix),
    )


def _device_counters(namespace: Namespace, device: str) -> dict[str, int]:
    """What the kernel counted at a TUN device: sent is read by the ferry. Raises CommandFailed."""
    shown = namespace.run("ip", "-s", "-j", "link", "show", "dev", device)
    stats = json.loads(shown)[0]["stats64"]
    return {
        f"{way}_{what}": stats[way][what]
        for way in ("tx", "rx")
        for what in ("packets", "bytes", "dropped", "errors")
    }
