"""Learning a bottleneck: the network stays, what crosses gets small, answers stay right."""

from pathlib import Path

import numpy as np
import pytest
import torch

from testbed.codecs import CODECS
from testbed.codecs.codec import Options
from testbed.errors import BadInput
from testbed.model.checkpoint import identify, open_model, random_net, save_model
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.training.bottleneck import Wanted, learn, learn_file, principal
from testbed.training.fit import fit
from testbed.training.journal import Journal
from tests.testbed.training.small import arrays, recipe

TRAIN, TEST = arrays(160), arrays(80, seed=1)
CUT = "features.3"
WANTED = Wanted(CUT, channels=2, steps=40, batch=16, lr=3e-3, seed=1, noise="none")


@pytest.fixture(scope="module")
def net() -> MtlNet:
    """A network that has learned what small pictures show."""
    return fit(recipe(steps=60, batch=32, lr=3e-3), TRAIN).net


def learned(net: MtlNet, wanted: Wanted = WANTED) -> dict[str, np.ndarray]:
    return learn(net, TRAIN, wanted, Journal(wanted.steps, show=False))


def agreement(net: MtlNet, tables: dict[str, np.ndarray]) -> tuple[float, float]:
    """Share of the network's own answers that are left, and bytes an image."""
    net.tables = tables
    codec = CODECS["bottleneck"].make(Options(), net, CUT)
    place, end = net.blocks.index(CUT) + 1, len(net.blocks)
    with torch.inference_mode():
        features = net.run(to_input(TEST.images).contiguous(), 0, place)
        assert isinstance(features, torch.Tensor)
        whole = net.run(features, place, end)
        coded = [codec.encode(each[None].numpy()) for each in features]
        shape = (1, *features.shape[1:])
        back = torch.from_numpy(np.concatenate([codec.decode(each, shape) for each in coded]))
        found = net.run(back, place, end)
    assert isinstance(whole, dict) and isinstance(found, dict)
    alike = [(whole[task].argmax(1) == found[task].argmax(1)).float().mean() for task in whole]
    return float(min(alike)), sum(each.nbytes for each in coded) / len(coded)


def test_training_it_keeps_more_answers_than_principal_components_alone(net: MtlNet) -> None:
    before = identify(net)
    start, _ = agreement(net, learned(net, Wanted(CUT, 2, 1, 16, 1e-9, 1, "none")))
    trained, size = agreement(net, learned(net))
    assert identify(net) == before
    assert size == 1 + 2 * net.shapes[4][1] * net.shapes[4][2]
    assert trained > 0.9
    assert trained >= start


def test_the_same_seed_learns_the_same(net: MtlNet) -> None:
    short = Wanted(CUT, 2, 3, 16, 3e-3, 1, "none")
    first, again = learned(net, short), learned(net, short)
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_principal_components_are_those_of_numpy() -> None:
    features = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 5, 4, 4), np.float32))
    squeeze, expand, bias = principal(features, 5)
    places = features.transpose(0, 1).flatten(1)
    back = expand @ (squeeze @ places) + bias[:, None]
    assert torch.allclose(back, places, atol=1e-4)
    squeeze, _, _ = principal(features, 2)
    spread = np.linalg.svd(places.numpy() - places.numpy().mean(1, keepdims=True))[0]
    assert np.abs(squeeze.numpy() @ spread[:, :2]) == pytest.approx(np.eye(2)[::-1], abs=1e-3)


@pytest.mark.parametrize(
    ("cut", "channels", "message"),
    [
        ("features.99", 2, "found cut 'features.99', allowed: features.0, "),
        ("heads", 2, "found cut 'heads'"),
        (CUT, 24, "found 24 channels, allowed at features.3: 1 to 23"),
        (CUT, 0, "found 0 channels"),
    ],
)
def test_a_bottleneck_that_cannot_be_is_refused(
    net: MtlNet, cut: str, channels: int, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        learned(net, Wanted(cut, channels, 1, 4, 1e-3, 1, "none"))


def test_it_lies_in_another_file_with_all_else(tmp_path: Path) -> None:
    source, out = tmp_path / "net.safetensors", tmp_path / "more.safetensors"
    tasks = {"scale": 8, "shape": 4}
    save_model(random_net("mobilenet_v3_small", tasks, 32, seed=3), source, {"seed": 3}, half=True)
    wanted = Wanted(CUT, 2, 2, 4, 1e-3, 1, "none")
    learn_file(source, out, wanted, "shapes3d", None, show=False)
    (before, _), (after, card) = open_model(source), open_model(out)
    assert identify(after) == identify(before)
    assert set(after.tables) == {
        f"bottleneck/{CUT}/{name}"
        for name in ("squeeze", "expand", "bias", "low", "high", "counts")
    }
    assert card["bottlenecks"][0]["channels"] == 2
    assert card["seed"] == 3
    with pytest.raises(BadInput, match="exists, allowed: a new file"):
        learn_file(source, out, wanted, "shapes3d", None, show=False)
