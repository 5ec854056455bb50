"""The netem commands as text, for a practitioner with real machines and a Linux router between."""

from emulation.netem.argv import Argv, router_commands
from emulation.netem.cables import TOWARD_EDGE, TOWARD_SERVER
from emulation.spec import LinkSpec

OFFLOADS = "gro off gso off tso off"


def show_commands(
    spec: LinkSpec, toward_edge: str = TOWARD_EDGE, toward_server: str = TOWARD_SERVER
) -> list[str]:
    """Lines to type as root (`#` begins a comment), the same commands the netem backend runs.

    toward_edge, toward_server: the router's interfaces. Raises LinkUnavailable, which says why,
    for what netem cannot do.
    """
    commands = router_commands(spec, toward_edge, toward_server)
    backwards = [*commands["uplink"], *commands["downlink"]][::-1]
    return [
        f"# on the router: {toward_edge} is its interface toward the edge, "
        f"{toward_server} the one toward the server",
        "sysctl -w net.ipv4.ip_forward=1",
        "# else netem delays, counts and drops many packets as one",
        *(f"ethtool -K {device} {OFFLOADS}" for device in (toward_edge, toward_server)),
        "# uplink: edge to server",
        *(" ".join(argv) for argv in commands["uplink"]),
        "# downlink: server to edge",
        *(" ".join(argv) for argv in commands["downlink"]),
        "# on the edge and on the server: PEER is the other one's address, ROUTER the next hop",
        f"ip route replace PEER via ROUTER congctl {spec.congestion_control}",
        "# on the router, to see what was sent, dropped and waits",
        "tc -s qdisc show",
        "# on the router, to undo it all",
        *(undo for argv in backwards for undo in _undo(argv)),
    ]


def _undo(argv: Argv) -> list[str]:
    """What takes a command back; nothing where that goes with a device or a hook."""
    if argv[:3] == ("ip", "link", "add"):
        return [f"ip link del {argv[3]}"]
    device = argv[4]
    if argv[-1] == "ingress":
        return [f"tc qdisc del dev {device} ingress"]
    if "root" in argv and not device.startswith("ifb-"):
        return [f"tc qdisc del dev {device} root"]
    return []
