"""What codecs learn of a network's features, and that it helps them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from testbed.codecs import CODECS
from testbed.model.checkpoint import identify, open_model, random_net, save_model
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.training.calibrate import calibrate_file, calibration, range_of
from tests.testbed.training.small import TASKS, arrays

IMAGES = arrays(24)
CUT = "features.4"


@pytest.fixture(scope="module")
def net() -> MtlNet:
    """Untrained, but its features have channels of very different ranges."""
    net = random_net("mobilenet_v3_small", TASKS, 32, seed=3, hidden=16).eval()
    net.tables = calibration(net, IMAGES)
    return net


def features(net: MtlNet, cut: str = CUT) -> NDArray[np.float32]:
    with torch.inference_mode():
        x = net.run(to_input(IMAGES.images).contiguous(), 0, net.blocks.index(cut) + 1)
    assert isinstance(x, torch.Tensor)
    return x.numpy()


def coded(net: MtlNet, name: str, options: Mapping[str, Any]) -> tuple[float, int]:
    """Mean squared error of the features, relative to their spread, and bytes; over all images."""
    codec = CODECS[name].make(CODECS[name].options.model_validate(options), net, CUT)
    size, error, array = 0, 0.0, features(net)
    for each in array:
        data = codec.encode(each[None])
        size += data.nbytes
        error += float(((codec.decode(data, (1, *each.shape)) - each) ** 2).mean())
    return error / len(array) / float(array.var()), size


def test_every_cut_at_which_features_cross_has_its_tables(net: MtlNet) -> None:
    wanted = {
        f"{codec}/{cut}/{table}"
        for codec in ("int8", "int4")
        for cut in net.blocks[:-1]
        for table in ("low", "high", "counts")
    }
    assert net.tables.keys() == wanted
    for cut, shape in zip(net.blocks[:-1], net.shapes[1:], strict=True):
        assert net.tables[f"int8/{cut}/low"].shape == (shape[0],)


def test_eight_bits_reach_all_that_was_seen(net: MtlNet) -> None:
    array = features(net)
    assert net.tables[f"int8/{CUT}/high"] == pytest.approx(array.max(axis=(0, 2, 3)), rel=1e-4)
    assert net.tables[f"int8/{CUT}/low"] == pytest.approx(array.min(axis=(0, 2, 3)), rel=1e-4)


@pytest.mark.parametrize("name", ["int8", "int4"])
def test_steps_of_each_channel_come_closer_than_one_for_all(net: MtlNet, name: str) -> None:
    channel, _ = coded(net, name, {"scale": "channel"})
    tensor, _ = coded(net, name, {"scale": "tensor"})
    assert channel < 0.7 * tensor


def test_a_channel_with_rare_large_values_is_clipped_and_an_even_one_is_not() -> None:
    random = np.random.default_rng(0)
    even = random.random(20_000, np.float32)
    rare = random.laplace(size=20_000).astype(np.float32)
    low, high = range_of(np.stack([even, rare])[None], 15, (1.0, 0.7, 0.4))
    assert high[0] == even.max()
    assert high[1] == pytest.approx(0.4 * rare.max())
    assert low[1] == pytest.approx(0.4 * rare.min())


def test_learned_counts_save_the_weights_in_front_of_the_bytes(net: MtlNet) -> None:
    bare = random_net("mobilenet_v3_small", TASKS, 32, seed=3, hidden=16).eval()
    _, learned = coded(net, "int4+range", {})
    _, own = coded(bare, "int4+range", {})
    assert learned < own


@pytest.mark.parametrize("half", [True, False])
def test_a_file_keeps_weights_card_and_precision(tmp_path: Path, half: bool) -> None:
    file = tmp_path / "net.safetensors"
    tasks = {"scale": 8, "shape": 4}
    before = save_model(
        random_net("mobilenet_v3_small", tasks, 32, seed=3), file, {"seed": 3}, half=half
    )
    size = file.stat().st_size
    tables = calibrate_file(file, "shapes3d", None)
    net, card = open_model(file)
    assert {key: card[key] for key in before} == before
    assert identify(net) == before["sha256"]
    assert len(net.tables) == tables
    assert file.stat().st_size < size + 80_000
