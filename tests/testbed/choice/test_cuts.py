"""Every cut of a network, listed: what crosses there, and what each end takes."""

import itertools

import pytest

from testbed.choice.cuts import cuts
from testbed.choice.subject import network_of, real_network
from testbed.config.scenario import Scenario
from testbed.devices.find import law_for
from testbed.errors import BadInput
from testbed.model.checkpoint import random_net
from testbed.model.footprint import edge_bytes
from tests.testbed.choice.test_choose import scenario


def test_there_is_a_row_for_each_cut_and_one_is_the_published() -> None:
    asked = scenario()
    network = network_of(asked)
    rows = cuts(asked, network, [{"codec": "fp32"}])
    assert [row.name for row in rows] == ["camera", *network.blocks]
    assert [row.name for row in rows if row.published] == ["features.12"]
    shapes = {row.name: row.shape for row in rows}
    assert shapes["camera"] == (96, 96, 3)
    assert shapes["features.12"] == (1, 576, 1, 1)
    assert shapes["hidden"] == (1, 512)
    sent = {row.name: row.payload_bytes for row in rows}
    assert (sent["features.12"], sent["hidden"], sent["heads"]) == (4 * 576, 4 * 512, 0)


def test_what_the_edge_takes_grows_and_what_the_server_takes_falls() -> None:
    asked = scenario()
    network = network_of(asked)
    rows = cuts(asked, network, [])[1:]
    law = law_for("raspberry-pi-4", network)
    for before, after in itertools.pairwise(rows):
        assert before.times and after.times
        assert after.memory_bytes >= before.memory_bytes
        grows = after.times.edge_s > before.times.edge_s
        assert grows or after.name in ("features.0", "features.12", "heads")
    whole_s = law.compute_s(0, len(network.blocks), 96 * 96)
    assert rows[-1].times
    assert rows[-1].times.edge_s == pytest.approx(whole_s, rel=0.05)
    assert rows[-1].times.server_s == 0


def test_memory_is_of_weights_and_the_most_activations() -> None:
    net = random_net("mobilenet_v3_small", {"scale": 8, "shape": 4}, 32, seed=1)
    weights = sum(tensor.nbytes for tensor in net.state_dict().values())
    whole = edge_bytes(net, len(net.blocks))
    assert weights < whole < weights + 2_000_000
    ends = [list(head.children())[-1] for head in net.heads.values()]
    last = sum(weight.nbytes for end in ends for weight in end.parameters())
    assert whole - edge_bytes(net, len(net.blocks) - 1) == last
    assert edge_bytes(net, 0) == 0


def test_a_codec_that_the_network_has_no_tables_for_is_refused() -> None:
    asked = scenario()
    with pytest.raises(BadInput, match=r"int8: found scale channel, allowed: own"):
        cuts(asked, network_of(asked), [{"codec": "int8", "scale": "channel"}])


def test_the_first_codec_is_timed_and_bytes_are_told_of_all() -> None:
    asked = scenario()
    codecs = [{"codec": name} for name in ("fp32", "png", "fp16", "raw")]
    rows = {row.name: row for row in cuts(asked, network_of(asked), codecs)}
    assert rows["features.12"].deployment == "split-features.12-fp32"
    assert rows["features.12"].coded_bytes == {"fp32": 4 * 576, "fp16": 2 * 576}
    assert rows["features.12"].uncoded_bytes == 4 * 576
    assert rows["resize"].deployment == "remote-png-resized"
    assert list(rows["resize"].coded_bytes) == ["png", "raw"]
    assert rows["resize"].uncoded_bytes == rows["resize"].coded_bytes["raw"] == 3 * 32 * 32
    assert (rows["heads"].uncoded_bytes, rows["heads"].coded_bytes) == (0, {})


def test_codecs_are_those_of_the_scenario_where_none_is_named() -> None:
    tree = scenario().model_dump(mode="json")
    tree["deployments"] = [
        {"remote": {"quality": 50, "resize": 48}},
        {"split": {"codec": "auto"}},
        {"split": {"codec": "fp32", "cut": "features.3"}},
    ]
    asked = Scenario.model_validate(tree)
    rows = {row.name: row.deployment for row in cuts(asked, network_of(asked), [])}
    assert rows["camera"] == "remote-jpeg-q50"
    assert rows["hidden"] == "split-hidden-fp32"
    usual = {row.name: row.deployment for row in cuts(scenario(), network_of(scenario()), [])}
    assert (usual["camera"], usual["hidden"]) == ("remote-jpeg-q90", "split-hidden-fp16")


def test_hosts_have_bytes_and_memory_and_no_times() -> None:
    tree = scenario().model_dump(mode="json")
    tree |= {"edge": {"device": "host"}, "server": {"device": "host"}}
    asked = Scenario.model_validate(tree)
    rows = cuts(asked, real_network(asked), [{"codec": "fp32"}])
    assert [row.times for row in rows] == [None] * len(rows)
    assert rows[-2].payload_bytes == 4 * 512 and rows[-2].memory_bytes > 1_000_000
