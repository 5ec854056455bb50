"""The network around the router of the netem backend: two cables, and all that is not shaping.

Segmentation offload is off throughout, or netem would delay, count and lose 64 kB at a time.
Checksum offload is left on: a veth carries the unfinished checksum along with the packet, and
nothing here changes packets. Neighbours are entered by hand: no ARP is delayed, lost or counted.
Arriving packets are handed to one CPU (RPS, Linux's Documentation/networking/scaling.rst): a veth
gives them to whichever CPU sent them, and two CPUs overtake each other. Only root may ask for that;
without it a few packets in a thousand may arrive out of order.
"""

from ipaddress import IPv4Address
from itertools import islice

from emulation.host.netns import Namespace, new_network, privileged
from emulation.link import Endpoint
from emulation.netem.argv import TOWARD_EDGE, TOWARD_SERVER
from emulation.spec import MTU_BYTES, CongestionControl

END_DEVICE = "eth0"
END_MAC, ROUTER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
"""The same on both cables, which never meet."""
CABLE_PREFIX = 30
"""Two addresses each: the router's, then the end's."""
FIRST_CPU = "1\n"
"""As a bit mask."""


def join(
    edge: Namespace, router: Namespace, server: Namespace, congestion_control: CongestionControl
) -> tuple[Endpoint, Endpoint]:
    """Cable both ends to the router, unshaped. Raises CommandFailed."""
    toward_edge, toward_server = islice(new_network().subnets(new_prefix=CABLE_PREFIX), 2)
    ends = ((edge, TOWARD_EDGE, toward_edge), (server, TOWARD_SERVER, toward_server))
    ready: list[str] = []
    for (end, device, cable), (_, _, peer_cable) in zip(ends, ends[::-1], strict=True):
        router_address, own, peer = cable[1], cable[2], peer_cable[2]
        end.ip(
            f"link add {END_DEVICE} address {END_MAC} mtu {MTU_BYTES} type veth "
            f"peer name {device} address {ROUTER_MAC} mtu {MTU_BYTES} netns {router.name}",
            *_ready(END_DEVICE, own),
        )
        end.keep(
            _neighbour(END_DEVICE, router_address, ROUTER_MAC),
            f"route replace {peer} via {router_address} dev {END_DEVICE} "
            f"congctl lock {congestion_control}",
        )
        ready += [*_ready(device, router_address), _neighbour(device, own, END_MAC)]
    router.ip(*ready)
    router.set_sysctl(1, "net.ipv4.ip_forward")
    if privileged():
        for namespace in (edge, server):
            _steer(namespace, END_DEVICE)
        _steer(router, TOWARD_EDGE, TOWARD_SERVER)
    return (
        Endpoint("edge", str(toward_edge[2]), edge.argv_prefix),
        Endpoint("server", str(toward_server[2]), server.argv_prefix),
    )


def _ready(device: str, own: IPv4Address) -> list[str]:
    """Commands that give an interface its address."""
    return [
        f"link set {device} gso_max_segs 1 up",
        f"address add {own}/{CABLE_PREFIX} dev {device}",
    ]


def _neighbour(device: str, peer: IPv4Address, peer_mac: str) -> str:
    """The command that gives an interface its only neighbour."""
    return f"neighbour replace {peer} lladdr {peer_mac} dev {device} nud permanent"


def _steer(namespace: Namespace, *devices: str) -> None:
    """Have the first CPU handle what arrives on these devices."""
    files = [f"/sys/class/net/{device}/queues/rx-0/rps_cpus" for device in devices]
    namespace.run("tee", *files, input_text=FIRST_CPU)
