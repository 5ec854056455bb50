"""How fast a host is beside its device: on a clock that we drive, and over a real channel."""

from contextlib import closing
from math import inf

import numpy as np
import pytest

from testbed.channel.survey import Probe, Probed
from testbed.channel.zeromq import ZeroMqEdge
from testbed.config.deployments import Remote, RemoteSection, Split, SplitSection
from testbed.errors import HostOutOfTolerance, PeerLost, ProtocolError
from testbed.halves.client import Client
from testbed.halves.deployment import BehindCuts, hello_of, make_deployment
from testbed.halves.host_check import HostCheck
from testbed.halves.machine import WALL_CLOCK
from testbed.halves.pacer import Pacer
from testbed.halves.probe import RUNS, HostStage, probe_edge, probe_server, require_fast_hosts
from tests.testbed.halves.on_our_clock import (
    BLOCK_S,
    CODEC_S,
    HEADS_S,
    TRANSPORT_S,
    BusyNetwork,
    stage_law,
)
from tests.testbed.halves_in_threads import FEATURE_BYTES, NEAR, null_network, serving
from tests.testbed.lifecycle.scripted import OurClock

SPLIT = make_deployment(Split(split=SplitSection(codec="fp32")), null_network())
REMOTE = make_deployment(Remote(remote=RemoteSection(codec="jpeg")), null_network())
SMALL = make_deployment(Remote(remote=RemoteSection(codec="jpeg", resize=8)), null_network())
LOCAL = make_deployment("local", null_network())
IMAGE = np.zeros((8, 8, 3), np.uint8)
FEATURES = (1, FEATURE_BYTES // 4, 1, 1)


def test_the_edge_s_medians_are_of_runs_after_some_that_warm_up() -> None:
    clock = OurClock()
    network = BusyNetwork(clock, head_s=[1.0, 1.0, 0.5, *[0.003] * 100])
    found = probe_edge(network, stage_law(network), [LOCAL, SPLIT, REMOTE], [IMAGE], clock)
    assert [(stage.deployment, stage.stage) for stage in found] == [
        ("local", "head"),
        ("split-fp32", "head"),
        ("split-fp32", "encode"),
        ("remote-jpeg-q90", "encode"),  # before the resizing there is nothing to compute
    ]
    local, split, encode, _ = found
    assert (local.host_s, local.device_s) == pytest.approx((0.003, BLOCK_S + HEADS_S))
    assert (split.host_s, split.device_s, split.runs) == pytest.approx((0.003, BLOCK_S, RUNS))
    assert encode.device_s == pytest.approx(CODEC_S + TRANSPORT_S)


def test_shrinking_an_image_is_a_stage_of_the_edge() -> None:
    network = BusyNetwork(OurClock())
    found = probe_edge(network, stage_law(network), [SMALL], [IMAGE], OurClock())
    assert [(stage.deployment, stage.stage) for stage in found] == [
        ("remote-jpeg-q90-8px", "head"),
        ("remote-jpeg-q90-8px", "encode"),
    ]


def test_a_slow_host_is_probed_less_often() -> None:
    clock = OurClock()
    network = BusyNetwork(clock, head_s=[0.2] * 100)
    (found,) = probe_edge(network, stage_law(network), [LOCAL], [IMAGE], clock)
    assert 3 <= found.runs < RUNS


@pytest.mark.parametrize(
    ("cut", "codec", "shape"),
    [("features", "fp32", FEATURES), ("camera", "jpeg", (48, 64, 3)), ("resize", "png", (8, 8, 3))],
)
def test_the_server_works_on_what_it_makes_up(cut: str, codec: str, shape: tuple[int, ...]) -> None:
    clock = OurClock()
    network = BusyNetwork(clock, tail_s=[0.002] * 100)
    order = Probe(cut, codec, shape)
    found = probe_server(BehindCuts(network), stage_law(network), order, clock)
    tail_s = HEADS_S if cut == "features" else BLOCK_S + HEADS_S
    assert found.decode == pytest.approx((RUNS, 0.0, CODEC_S + TRANSPORT_S))
    assert found.tail == pytest.approx((RUNS, 0.002, tail_s))


@pytest.mark.parametrize(
    "order",
    [
        Probe("heads", "fp32", FEATURES),
        Probe("features", "jpeg", FEATURES),
        Probe("features", "fp32", (1, 3, 1, 1)),
        Probe("camera", "jpeg", (3,)),
        Probe("camera", "jpeg", (2**20, 2**20, 3)),
        Probe("camera", "jpeg", (1, 1, 1, 1)),
    ],
)
def test_what_fits_no_server_is_refused(order: Probe) -> None:
    network = null_network()
    with pytest.raises(ProtocolError):
        probe_server(BehindCuts(network), stage_law(network), order, WALL_CLOCK)


def test_a_host_slower_than_the_device_is_refused_in_one_line() -> None:
    quick = HostStage("edge", "local", "head", 15, 0.0003, 0.0004)
    slow = HostStage("edge", "split-fp16", "head", 15, 0.0049, 0.0004)
    slower = HostStage("server", "split-fp16", "tail", 15, 0.9, inf)
    devices = {"edge": "galaxy-s24-npu", "server": "server-core"}
    require_fast_hosts([quick, slower], devices)
    with pytest.raises(HostOutOfTolerance) as refused:
        require_fast_hosts([quick, slow, slower], devices)
    assert str(refused.value) == (
        "too slow to stand for galaxy-s24-npu: the edge's host takes 4.9 ms for the head of "
        "split-fp16, the device 0.4 ms; `testbed run --virtual` needs no host that fast"
    )


def host_check(server_device: str) -> HostCheck:
    return HostCheck(null_network(), [LOCAL, SPLIT], None, server_device, 7, WALL_CLOCK, NEAR)


def test_the_edge_asks_the_server_over_the_channel() -> None:
    network = null_network()
    pacer = Pacer(stage_law(network), np.random.default_rng(0), WALL_CLOCK)
    with serving(network, pacer) as server, closing(ZeroMqEdge(server.address)) as channel:
        client = Client(channel)
        client.hello(hello_of(network, "made-up"), 3.0)
        decode, tail = host_check("made-up").probe(client, [IMAGE])
        assert (decode.half, decode.stage, tail.stage) == ("server", "decode", "tail")
        assert 0 < decode.host_s < decode.device_s
        refused = client.ask(Probe("nowhere", "fp32", FEATURES), Probed, 3.0)
        assert refused and "nowhere" in str(refused)


def test_a_server_that_stands_for_another_device_is_not_used() -> None:
    with serving() as server, closing(ZeroMqEdge(server.address)) as channel:
        client = Client(channel)
        with pytest.raises(PeerLost, match=r"hold different models.* as made-up"):
            client.hello(hello_of(null_network(), "made-up"), 3.0)
        client.hello(hello_of(null_network()), 3.0)
        with pytest.raises(PeerLost, match="stands for no device"):
            host_check("made-up").probe(client, [IMAGE])
