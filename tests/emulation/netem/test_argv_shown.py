import pytest

from emulation.errors import LinkUnavailable
from emulation.netem.argv import show_commands
from emulation.spec import LaneSpec, LinkSpec
from emulation.trace import RateTrace

SPEC = LinkSpec(
    uplink=LaneSpec(rate_bps=12e6, delay_s=0.025, queue_bytes=150_000),
    downlink=LaneSpec(delay_s=0.025),
    congestion_control="reno",
)


def typed(spec: LinkSpec = SPEC, *names: str) -> list[str]:
    return [line for line in show_commands(spec, *names) if not line.startswith("#")]


def test_what_a_practitioner_types() -> None:
    assert typed(SPEC, "lan", "wan") == [
        "sysctl -w net.ipv4.ip_forward=1",
        "ethtool -K lan gro off gso off tso off",
        "ethtool -K wan gro off gso off tso off",
        "ip link add ifb-up type ifb",
        "ip link set ifb-up up",
        "tc qdisc add dev lan handle ffff: ingress",
        "tc filter add dev lan parent ffff: matchall action mirred egress redirect dev ifb-up",
        "tc qdisc add dev ifb-up root netem limit 100 rate 12mbit -14",
        "tc qdisc add dev wan root netem limit 1938 delay 25ms",
        "tc qdisc add dev lan root netem limit 26000 delay 25ms",
        "ip route replace PEER via ROUTER congctl reno",
        "tc -s qdisc show",
        "tc qdisc del dev lan root",
        "tc qdisc del dev wan root",
        "tc qdisc del dev lan ingress",
        "ip link del ifb-up",
    ]


def test_everything_that_is_no_command_is_a_comment() -> None:
    lines = show_commands(SPEC)
    assert {line.split()[0] for line in lines} == {"#", "sysctl", "ethtool", "ip", "tc"}
    assert all("\n" not in line for line in lines)


def test_no_commands_for_what_netem_cannot_do() -> None:
    spec = LinkSpec(LaneSpec(trace=RateTrace("steady", (1,))), LaneSpec())
    with pytest.raises(LinkUnavailable, match="netem cannot follow a rate trace"):
        show_commands(spec)
