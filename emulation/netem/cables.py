"""The network around the router of the netem backend: two cables, and all that is not shaping.

Segmentation offload is off throughout, or netem would delay, count and lose 64 kB at a time.
Checksum offload is left on: a veth carries the unfinished checksum along with the packet, and
nothing here changes packets. Neighbours are entered by hand: no ARP is delayed, lost or counted.
Arriving packets are handed to one CPU (RPS, Linux's Documentation/networking/scaling.rst): a veth
gives them to whichever CPU sent them, and two CPUs overtake each other. Only root may ask for that;
without it a few packets in a thousand may arrive out of order.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from emulation.host.netns import Namespace, new_network, privileged
from emulation.link import Endpoint
from emulation.spec import MTU_BYTES, CongestionControl

END_DEVICE = "eth0"
TOWARD_EDGE, TOWARD_SERVER = "to-edge", "to-server"
"""The router's interfaces."""
END_MAC, ROUTER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
"""The same on both cables, which never meet."""
CABLE_PREFIX = 30
"""Two addresses each."""
FIRST_CPU = "1\n"
"""As a bit mask."""


@dataclass(frozen=True, slots=True)
class Cable:
    """From an end to the router, where it is called `device`."""

    end: Namespace
    device: str
    network: IPv4Network

    @property
    def router_address(self) -> IPv4Address:
        """Of the router on this cable."""
        return self.network[1]

    @property
    def end_address(self) -> IPv4Address:
        """Of the end."""
        return self.network[2]

    def lay(self, router: Namespace, peer: "Cable", congestion_control: CongestionControl) -> None:
        """Make both its interfaces, and the end's ready to talk to the end of `peer`."""
        self.end.ip(
            f"link add {END_DEVICE} address {END_MAC} mtu {MTU_BYTES} type veth "
            f"peer name {self.device} address {ROUTER_MAC} mtu {MTU_BYTES} netns {router.name}",
            *_ready(END_DEVICE, self.end_address, self.router_address, ROUTER_MAC),
            f"route add {peer.end_address} via {self.router_address} dev {END_DEVICE} "
            f"congctl lock {congestion_control}",
        )

    def endpoint(self, name: Literal["edge", "server"]) -> Endpoint:
        """Its end."""
        return Endpoint(name, str(self.end_address), self.end.argv_prefix)


def join(
    edge: Namespace, router: Namespace, server: Namespace, congestion_control: CongestionControl
) -> tuple[Endpoint, Endpoint]:
    """Cable both ends to the router, unshaped. Raises CommandFailed."""
    edge_network, server_network = list(new_network().subnets(new_prefix=CABLE_PREFIX))[:2]
    to_edge = Cable(edge, TOWARD_EDGE, edge_network)
    to_server = Cable(server, TOWARD_SERVER, server_network)
    to_edge.lay(router, to_server, congestion_control)
    to_server.lay(router, to_edge, congestion_control)
    router.ip(
        *_ready(TOWARD_EDGE, to_edge.router_address, to_edge.end_address, END_MAC),
        *_ready(TOWARD_SERVER, to_server.router_address, to_server.end_address, END_MAC),
    )
    router.set_sysctl(1, "net.ipv4.ip_forward")
    if privileged():
        for namespace in (edge, server):
            _steer(namespace, END_DEVICE)
        _steer(router, TOWARD_EDGE, TOWARD_SERVER)
    return to_edge.endpoint("edge"), to_server.endpoint("server")


def _ready(device: str, own: IPv4Address, peer: IPv4Address, peer_mac: str) -> list[str]:
    """Commands that give an interface its address and its only neighbour."""
    return [
        f"link set {device} gso_max_segs 1 up",
        f"address add {own}/{CABLE_PREFIX} dev {device}",
        f"neighbour add {peer} lladdr {peer_mac} dev {device} nud permanent",
    ]


def _steer(namespace: Namespace, *devices: str) -> None:
    """Have the first CPU handle what arrives on these devices."""
    files = [f"/sys/class/net/{device}/queues/rx-0/rps_cpus" for device in devices]
    namespace.run("tee", *files, input_text=FIRST_CPU)
