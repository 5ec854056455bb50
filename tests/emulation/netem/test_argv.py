"""The commands a lane becomes; whether tc and the kernel take them is test_netem_link.py's."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulation.errors import LinkUnavailable
from emulation.netem.argv import cannot, router_commands
from emulation.queues.codel import CoDel
from emulation.spec import GilbertElliott, LaneSpec, LinkSpec, Outage
from emulation.trace import RateTrace
from emulation.units import parse_fraction, parse_rate, parse_time

PLAIN = LaneSpec()
TRACE = RateTrace("steady", (1,))


def netems(lane: LaneSpec, seed: int | None = None) -> dict[str, str]:
    """What each netem of the uplink is told, by the device it is on."""
    commands = router_commands(LinkSpec(lane, PLAIN), "in", "out", seed)["uplink"]
    found = {}
    for argv in commands:
        if "netem" in argv:
            assert argv[:4] == ("tc", "qdisc", "add", "dev")
            assert argv[5:7] == ("root", "netem")
            found[argv[4]] = " ".join(argv[7:])
    return found


def test_a_lane_that_does_nothing() -> None:
    assert netems(PLAIN) == {"out": "limit 1000"}


def test_delay() -> None:
    assert netems(LaneSpec(delay_s=0.025)) == {"out": "limit 26000 delay 25ms"}


def test_rate_is_that_of_ip_packets_not_of_frames() -> None:
    lane = LaneSpec(rate_bps=12e6, queue_bytes=150_000)
    assert netems(lane) == {"out": "limit 100 rate 12mbit -14"}


def test_queue_holds_whole_packets_only() -> None:
    assert netems(LaneSpec(rate_bps=1e6, queue_bytes=2999))["out"].startswith("limit 1 ")


def test_rate_and_delay_are_two_netems_one_after_the_other() -> None:
    lane = LaneSpec(rate_bps=8e6, delay_s=0.04, queue_bytes=30_000)
    commands = router_commands(LinkSpec(lane, PLAIN), "in", "out")["uplink"]
    assert [" ".join(argv) for argv in commands] == [
        "ip link add ifb-up type ifb",
        "ip link set ifb-up up",
        "tc qdisc add dev in handle ffff: ingress",
        "tc filter add dev in parent ffff: matchall action mirred egress redirect dev ifb-up",
        "tc qdisc add dev ifb-up root netem limit 20 rate 8mbit -14",
        "tc qdisc add dev out root netem limit 2000 delay 40ms",
    ]


def test_downlink_goes_the_other_way() -> None:
    lane = LaneSpec(rate_bps=8e6, delay_s=0.04)
    commands = router_commands(LinkSpec(PLAIN, lane), "in", "out")
    assert [argv[4] for argv in commands["uplink"]] == ["out"]
    netem_devices = [argv[4] for argv in commands["downlink"] if "netem" in argv]
    assert netem_devices == ["ifb-down", "in"]
    assert [argv[4] for argv in commands["downlink"] if "ingress" in argv] == ["out"]


@pytest.mark.parametrize(
    ("distribution", "words"),
    [("normal", " distribution normal"), ("pareto", " distribution pareto"), ("uniform", "")],
)
def test_jitter_keeps_order_by_a_rate_nobody_notices(distribution: str, words: str) -> None:
    lane = LaneSpec(delay_s=0.01, jitter_s=0.002, distribution=distribution)  # type: ignore[arg-type]
    assert netems(lane)["out"].endswith(f" delay 10ms 2ms{words} rate 100gbit")
    assert netems(replace(lane, reorder=True))["out"].endswith(f" delay 10ms 2ms{words}")


def test_jitter_after_a_rate() -> None:
    lane = LaneSpec(rate_bps=8e6, delay_s=0.01, jitter_s=0.002, reorder=True)
    assert netems(lane) == {
        "ifb-up": "limit 666 rate 8mbit -14",
        "out": "limit 1450 delay 10ms 2ms distribution normal",
    }


def test_jitter_without_delay_gets_the_shortest_one() -> None:
    """tc refuses a distribution where the delay is 0."""
    lane = LaneSpec(rate_bps=8e6, jitter_s=0.002)
    assert " delay 0.001us 2ms distribution normal " in netems(lane)["out"]


def test_random_loss_comes_before_the_rate() -> None:
    lane = LaneSpec(rate_bps=8e6, delay_s=0.01, loss=0.001)
    assert netems(lane) == {
        "ifb-up": "limit 666 loss random 0.1% rate 8mbit -14",
        "out": "limit 1250 delay 10ms",
    }
    assert netems(LaneSpec(delay_s=0.01, loss=0.001)) == {
        "out": "limit 11000 delay 10ms loss random 0.1%"
    }


def test_loss_in_bursts() -> None:
    lane = LaneSpec(loss=GilbertElliott(p=0.01, r=0.25, loss_bad=0.8, loss_good=0.001))
    assert netems(lane) == {"out": "limit 1000 loss gemodel 1% 25% 80% 0.1%"}


def test_seeds_differ_by_direction_and_purpose_and_repeat() -> None:
    lane = LaneSpec(rate_bps=8e6, delay_s=0.01, jitter_s=0.002, loss=0.001)

    def seeds(seed: int | None) -> list[str]:
        commands = router_commands(LinkSpec(lane, lane), "in", "out", seed)
        every = [*commands["uplink"], *commands["downlink"]]
        return [argv[-1] for argv in every if "seed" in argv]

    assert len(set(seeds(7))) == 4
    assert seeds(7) == seeds(7)
    assert not set(seeds(7)) & set(seeds(8))
    assert seeds(None) == []


@pytest.mark.parametrize(
    ("lane", "what"),
    [
        (LaneSpec(trace=TRACE), "follow a rate trace"),
        (LaneSpec(outages=(Outage(1, 2),)), r"interrupt a link on time \(outages\)"),
        (LaneSpec(delay_s=3, jitter_s=2.2), "spread a delay by more than 2.147s"),
        (LaneSpec(rate_bps=4), "send at less than 8bit/s"),
        (
            LaneSpec(rate_bps=1e6, jitter_s=1e-3, queue_policy=CoDel()),
            "spread a delay behind a queue managed by codel",
        ),
    ],
)
def test_what_netem_cannot_do(lane: LaneSpec, what: str) -> None:
    for way, spec in (("uplink", LinkSpec(lane, PLAIN)), ("downlink", LinkSpec(PLAIN, lane))):
        with pytest.raises(
            LinkUnavailable,
            match=rf"^netem cannot {what} \(the {way} asks for it\); .* tun and simpy can$",
        ):
            router_commands(spec, "in", "out")


def test_a_managed_queue_is_behind_a_token_bucket() -> None:
    """The bucket lets one packet go at once, which the second netem's rate makes up for."""
    lane = LaneSpec(rate_bps=8e6, delay_s=0.04, queue_bytes=30_000, queue_policy=CoDel())
    commands = router_commands(LinkSpec(lane, PLAIN), "in", "out")["uplink"]
    assert [" ".join(argv) for argv in commands[4:]] == [
        "tc qdisc add dev ifb-up root handle 1: stab overhead -14 "
        "tbf rate 8mbit burst 2000 limit 2000",
        "tc qdisc add dev ifb-up parent 1:1 handle 10: "
        "codel limit 20 target 5ms interval 100ms noecn",
        "tc qdisc add dev out root netem limit 2000 delay 40ms rate 8mbit -14",
    ]


def test_packets_are_lost_before_a_managed_queue() -> None:
    lane = LaneSpec(rate_bps=8e6, loss=0.01, queue_bytes=30_000, queue_policy=CoDel())
    commands = router_commands(LinkSpec(lane, PLAIN), "in", "out", seed=1)["uplink"]
    loss, bucket, queue, rate = (" ".join(argv) for argv in commands[4:])
    assert loss.startswith(
        "tc qdisc add dev ifb-up root handle 1: stab overhead -14 netem limit 1020 loss random 1%"
    )
    assert bucket.startswith("tc qdisc add dev ifb-up parent 1:1 handle 10: tbf rate 8mbit ")
    assert queue.startswith("tc qdisc add dev ifb-up parent 10:1 handle 100: codel limit 20 ")
    assert rate == "tc qdisc add dev out root netem limit 1000 rate 8mbit -14"


def test_what_netem_can_do() -> None:
    assert cannot(LinkSpec(LaneSpec(rate_bps=8, delay_s=10, jitter_s=2.1), PLAIN)) is None


@given(
    rate_bps=st.floats(8, 1e12),
    delay_s=st.floats(1e-9, 100),
    jitter_s=st.floats(1e-9, 2),
    loss=st.floats(1e-9, 1),
)
def test_no_number_is_lost(rate_bps: float, delay_s: float, jitter_s: float, loss: float) -> None:
    told = netems(LaneSpec(rate_bps, delay_s, jitter_s, loss=loss))
    rate_words, delay_words = told["ifb-up"].split(), told["out"].split()
    assert parse_rate(rate_words[rate_words.index("rate") + 1]) == rate_bps
    assert parse_fraction(rate_words[rate_words.index("random") + 1]) == loss
    delay_at = delay_words.index("delay")
    assert parse_time(delay_words[delay_at + 1]) == delay_s
    assert parse_time(delay_words[delay_at + 2]) == jitter_s


@given(rate_bps=st.none() | st.floats(8, 1e10), delay_s=st.floats(0, 100), jitter_s=st.floats(0, 2))
def test_what_is_under_way_never_meets_the_limit(
    rate_bps: float | None, delay_s: float, jitter_s: float
) -> None:
    lane = LaneSpec(rate_bps, delay_s, jitter_s)
    words = netems(lane)["out"].split()
    limit = int(words[words.index("limit") + 1])
    if "rate" in words and words[words.index("rate") + 2 : words.index("rate") + 3] == ["-14"]:
        assert limit == lane.queue_bytes // 1500  # the one netem is the queue itself
    else:
        full_packets = (rate_bps or 1e9) * delay_s / 8 / 1500
        assert full_packets <= limit < 2**32
