"""Every cut of a network, listed: what crosses there, and what each end takes."""

import itertools
from pathlib import Path

import pytest

from testbed.choice.cuts import cuts
from testbed.choice.subject import network_of
from testbed.devices.find import law_for
from testbed.errors import BadInput
from testbed.figures import cut_bars, style
from testbed.model.checkpoint import random_net
from testbed.model.footprint import edge_bytes
from tests.testbed.choice.test_choose import scenario


def test_there_is_a_row_for_each_cut_and_one_is_the_published() -> None:
    asked = scenario()
    network = network_of(asked)
    rows = cuts(asked, network, {"codec": "fp32"})
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
    rows = cuts(asked, network, None)[1:]
    law = law_for("raspberry-pi-4", network)
    for before, after in itertools.pairwise(rows):
        assert after.memory_bytes >= before.memory_bytes
        assert after.edge_s > before.edge_s or after.name in ("features.12", "heads")
    whole_s = law.compute_s(0, len(network.blocks), 96 * 96)
    assert rows[-1].edge_s == pytest.approx(whole_s, rel=0.05)
    assert rows[-1].server_s == 0


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
        cuts(asked, network_of(asked), {"codec": "int8", "scale": "channel"})


def test_bars_that_dwarf_all_others_are_cut_off_and_named(tmp_path: Path) -> None:
    bar = cut_bars.CutBar("a", False, 1000.0, 0.01, 0.01, 0.05)
    rows = [bar._replace(name="huge", mean_s=3.0), bar, bar._replace(published=True), bar]
    with style.applied():
        drawn = cut_bars.draw(rows, "made up")
        files = style.write(drawn, tmp_path / "cuts")
    above = drawn.axes[0]
    assert above.get_ylim()[1] < 200
    assert [note.get_text() for note in above.texts] == ["3 s"]
    assert all(file.stat().st_size > 1000 for file in files)
