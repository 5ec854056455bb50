"""LaneSpec -> the tc(8) commands that make a Linux router obey it. Pure; nothing is run here.

    sender ─> [arrives on] ─> ifb: netem loss, limit, rate ─> [leaves by]: netem delay ─> receiver

The law (`emulation.lane`) has a packet wait for the rate first and cross the distance afterwards.
One netem does it the other way round: a backlog swallows the jitter, nothing is ever reordered when
a rate is set, and `limit` counts the packets under way together with those that wait. Hence two:
one on an intermediate functional block (ifb) through which everything that arrives is led, and one
on the interface that it leaves by. A lane with no rate, or no delay, needs the second one only.
Where the queue has a policy, a token bucket in front of the kernel's own takes the first's place.

What each word means is in tc-netem(8), and where that is silent, in Linux's net/sched/sch_netem.c.
"""

from collections.abc import Iterator, Sequence
from math import ceil

from emulation.errors import LinkUnavailable
from emulation.lane import lane_seeds
from emulation.lane.jitter import TABLE_LIMIT
from emulation.queues import name_of
from emulation.spec import MTU_BYTES, GilbertElliott, LaneSpec, LinkSpec
from emulation.units import format_fraction, format_rate, format_time

Argv = tuple[str, ...]

TOWARD_EDGE, TOWARD_SERVER = "to-edge", "to-server"
"""The router's interfaces."""
OFFLOADS = "gro off gso off tso off"
FRAME_HEADER_BYTES = 14
"""netem weighs Ethernet frames, a lane's rate counts IP packets: `rate RATE -14`."""
KEEP_ORDER_BPS = 100e9
"""netem keeps packets in order when it has a rate (the next one leaves after the last one in
netem_enqueue); this one is too high to hold anything up: 0.12 us for a full packet."""
SMALLEST_PACKET_BYTES = 40
"""IP and TCP headers alone."""
MOST_PACKETS_PER_S = 1e6
"""More than one CPU forwards; what can be under way on a lane without a rate."""
DEFAULT_LIMIT_PACKETS = 1000
"""netem's own."""
SHORTEST_DELAY_S = 1e-9
"""tc refuses a distribution without a delay, and a nanosecond is its smallest."""
LONGEST_JITTER_S = 2.147
"""The kernel keeps it in 31 bits of nanoseconds (`tabledist`)."""
BUCKET_SLACK_S = 500e-6
"""A token bucket that is full forgets the time that passes: this late its timer may be, or the rate
falls (by 3 % at 6 Mbit/s where timers are 60 us late and there is room for one packet alone)."""
PLACES: tuple[Argv, ...] = (
    ("root", "handle", "1:", "stab", "overhead", str(-FRAME_HEADER_BYTES)),
    ("parent", "1:1", "handle", "10:"),
    ("parent", "10:1", "handle", "100:"),
)
"""Of queueing disciplines each within the one before. The size table of the root holds for all of
them, who may have none of their own."""
LEAST_RATE_BPS = 8.0
"""tc passes whole bytes a second on; less would become 0, which is no rate at all."""


def cannot(spec: LinkSpec) -> str | None:
    """None when netem can emulate `spec`, else what it cannot do and which backend can."""
    for name, lane in (("uplink", spec.uplink), ("downlink", spec.downlink)):
        for what in _beyond(lane):
            return f"netem cannot {what} (the {name} asks for it); the backends tun and simpy can"
    return None


def router_commands(
    spec: LinkSpec,
    toward_edge: str = TOWARD_EDGE,
    toward_server: str = TOWARD_SERVER,
    seed: int | None = None,
) -> dict[str, list[Argv]]:
    """The commands for the uplink and the downlink of a router with these two interfaces.

    seed: for kernels and tc that know `netem seed` (both since 6.6); the same loses the same
    packets. Raises LinkUnavailable for what netem cannot do.
    """
    if (why := cannot(spec)) is not None:
        raise LinkUnavailable(why)
    up_seed, down_seed = (None, None) if seed is None else lane_seeds(seed)
    up, down = spec.uplink, spec.downlink
    return {
        "uplink": _lane_commands(up, toward_edge, toward_server, "ifb-up", up_seed),
        "downlink": _lane_commands(down, toward_server, toward_edge, "ifb-down", down_seed),
    }


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


def _lane_commands(
    lane: LaneSpec, arrives_on: str, leaves_by: str, ifb: str, seed: int | None = None
) -> list[Argv]:
    """One direction; `ifb` is the name of the device to make where two netems are needed."""
    loss_seed, jitter_seed = (None, None) if seed is None else lane_seeds(seed)
    loss = _loss(lane)
    if lane.rate_bps is None:
        return [_netem(leaves_by, (*_limit(_under_way(lane)), *_delay(lane), *loss), loss_seed)]
    if lane.queue_policy.tc():
        return [
            *_led_through(ifb, arrives_on),
            *_managed_queue(lane, ifb, loss_seed),
            _netem(leaves_by, (*_limit(_under_way(lane)), *_delay(lane), *_rate(lane.rate_bps))),
        ]
    queue = (*_limit(_queue_packets(lane)), *loss, *_rate(lane.rate_bps))
    if lane.delay_s == lane.jitter_s == 0:
        return [_netem(leaves_by, queue, loss_seed)]
    return [
        *_led_through(ifb, arrives_on),
        _netem(ifb, queue, loss_seed),
        _netem(leaves_by, (*_limit(_under_way(lane)), *_delay(lane)), jitter_seed),
    ]


def _led_through(ifb: str, arrives_on: str) -> list[Argv]:
    """Make a device through which goes whatever arrives."""
    redirect = ("matchall", "action", "mirred", "egress", "redirect", "dev", ifb)
    return [
        ("ip", "link", "add", ifb, "type", "ifb"),
        ("ip", "link", "set", ifb, "up"),
        ("tc", "qdisc", "add", "dev", arrives_on, "handle", "ffff:", "ingress"),
        ("tc", "filter", "add", "dev", arrives_on, "parent", "ffff:", *redirect),
    ]


def _managed_queue(lane: LaneSpec, device: str, seed: int | None) -> list[Argv]:
    """The queue of a lane whose policy the kernel has: netem's own cannot be managed.

    A token bucket takes packets from it at the rate, each when the one before has been served, and
    the second netem, which has the rate as well, makes up for the bucket's letting the first one
    go at once. The kernel decides about a packet up to one packet's time and BUCKET_SLACK_S before
    the lane would.
    """
    kind, *parameters = lane.queue_policy.tc() or ()
    rate_bps = lane.rate_bps or KEEP_ORDER_BPS
    burst = str(MTU_BYTES + ceil(BUCKET_SLACK_S * rate_bps / 8))
    packets = _queue_packets(lane)
    chain: list[Argv] = [
        ("tbf", "rate", format_rate(rate_bps), "burst", burst, "limit", burst),
        (kind, *_limit(packets), *parameters),
    ]
    if loss := _loss(lane):
        room = _limit(packets + DEFAULT_LIMIT_PACKETS)
        chain.insert(0, ("netem", *room, *loss, *_seeding(seed)))
    add: Argv = ("tc", "qdisc", "add", "dev", device)
    return [(*add, *place, *qdisc) for place, qdisc in zip(PLACES, chain, strict=False)]


def _beyond(lane: LaneSpec) -> Iterator[str]:
    if lane.trace is not None:
        yield "follow a rate trace"
    if lane.outages:
        yield "interrupt a link on time (outages)"
    if lane.jitter_s > LONGEST_JITTER_S:
        yield f"spread a delay by more than {format_time(LONGEST_JITTER_S)}"
    if lane.queue_policy.tc() is None:
        yield f"manage a queue by {name_of(lane.queue_policy)}"
    elif lane.queue_policy.tc() and lane.jitter_s:
        yield f"spread a delay behind a queue managed by {name_of(lane.queue_policy)}"
    if lane.rate_bps is not None and lane.rate_bps < LEAST_RATE_BPS:
        yield f"send at less than {format_rate(LEAST_RATE_BPS)}/s"


def _netem(device: str, arguments: Sequence[str], seed: int | None = None) -> Argv:
    return ("tc", "qdisc", "add", "dev", device, "root", "netem", *arguments, *_seeding(seed))


def _seeding(seed: int | None) -> Argv:
    return () if seed is None else ("seed", str(seed))


def _limit(packets: int) -> Argv:
    return "limit", str(packets)


def _rate(rate_bps: float) -> Argv:
    return "rate", format_rate(rate_bps), str(-FRAME_HEADER_BYTES)


def _delay(lane: LaneSpec) -> Argv:
    """Mean, spread and its distribution, and what keeps the order unless it may be lost."""
    if lane.jitter_s == 0:
        return ("delay", format_time(lane.delay_s)) if lane.delay_s else ()
    mean_s = max(lane.delay_s, SHORTEST_DELAY_S)
    spread: Argv = ("delay", format_time(mean_s), format_time(lane.jitter_s))
    if lane.distribution != "uniform":  # which is what netem does when none is named
        spread = (*spread, "distribution", lane.distribution)
    return spread if lane.reorder else (*spread, "rate", format_rate(KEEP_ORDER_BPS))


def _loss(lane: LaneSpec) -> Argv:
    loss = lane.loss
    if isinstance(loss, GilbertElliott):
        chances = (loss.p, loss.r, loss.loss_bad, loss.loss_good)
        return ("loss", "gemodel", *(format_fraction(chance) for chance in chances))
    return ("loss", "random", format_fraction(loss)) if loss else ()


def _queue_packets(lane: LaneSpec) -> int:
    """netem counts packets, waiting or in service, not bytes: full ones, for those fill queues."""
    return lane.queue_bytes // MTU_BYTES


def _under_way(lane: LaneSpec) -> int:
    """A limit that is never reached: all that can be between leaving the queue and arriving."""
    longest_s = lane.delay_s + TABLE_LIMIT * lane.jitter_s
    packets_per_s = MOST_PACKETS_PER_S
    if lane.rate_bps is not None:
        packets_per_s = min(packets_per_s, lane.rate_bps / (8 * SMALLEST_PACKET_BYTES))
    return ceil(longest_s * packets_per_s) + DEFAULT_LIMIT_PACKETS


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
