"""Weights on disk: what is written is what is loaded, and every fault is one clear line."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from testbed.errors import BadInput
from testbed.model.checkpoint import (
    FORMAT,
    identify,
    load_model,
    open_model,
    random_net,
    save_model,
)
from tests.testbed.model.cards import card_in

NAME = "mobilenet_v3_small"
TASKS = {"scale": 8, "shape": 4}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_model(random_net(NAME, TASKS, 64, seed=5), file, {"seed": 5})
    return file


def refused(
    weights: str | Path,
    tasks: dict[str, int] = TASKS,
    name: str = NAME,
    px: int = 64,
    hidden: int = 256,
) -> str:
    """The one line with which `load_model` refuses."""
    with pytest.raises(BadInput) as caught:
        load_model(weights, name, tasks, px, hidden=hidden)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_what_is_saved_is_loaded(weights: Path) -> None:
    original = random_net(NAME, TASKS, 64, seed=5)
    net, identity = load_model(weights, NAME, TASKS)
    assert identity == identify(original)
    assert not net.training
    assert not any(parameter.requires_grad for parameter in net.parameters())
    assert all(
        torch.equal(tensor, net.state_dict()[name])
        for name, tensor in original.state_dict().items()
    )


def test_half_precision_halves_the_file_and_keeps_the_digest(tmp_path: Path, weights: Path) -> None:
    net = random_net(NAME, TASKS, 64, seed=5)
    file = tmp_path / "half.safetensors"
    card = save_model(net, file, {}, half=True)
    loaded, identity = load_model(file, NAME, TASKS)
    assert file.stat().st_size < 0.6 * weights.stat().st_size
    assert identity == card["sha256"] == identify(net)
    assert {tensor.dtype for tensor in loaded.parameters()} == {torch.float32}


def test_the_card_beside_the_file_is_the_one_inside(weights: Path) -> None:
    card = json.loads(weights.with_suffix(".json").read_text())
    assert card == card_in(weights)
    assert (card["backbone"], card["tasks"], card["seed"]) == (NAME, TASKS, 5)
    assert card["normalisation"] == {"mean": [0.5] * 3, "std": [0.5] * 3}


def test_random_weights_depend_on_the_seed_alone() -> None:
    before = torch.random.get_rng_state()
    one, again, other = (load_model("random", NAME, TASKS, 32, seed)[1] for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert torch.equal(before, torch.random.get_rng_state())


def test_random_weights_have_a_default_input_size() -> None:
    assert load_model("random", NAME, TASKS)[0].input_px == 64


def test_a_missing_file(tmp_path: Path) -> None:
    line = refused(tmp_path / "none.safetensors")
    assert (
        "none.safetensors: no such file, allowed: auto, bundled, random, imagenet, or a file"
        in line
    )
    assert "a folder" in refused(tmp_path)


@pytest.mark.parametrize("keep", [0, 4, 1000, -1])
def test_a_truncated_file(tmp_path: Path, weights: Path, keep: int) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(weights.read_bytes()[:keep])
    assert "cut.safetensors: damaged or foreign" in refused(cut)


def test_changed_values_are_noticed(tmp_path: Path, weights: Path) -> None:
    content = bytearray(weights.read_bytes())
    content[-100] ^= 0x40
    changed = tmp_path / "changed.safetensors"
    changed.write_bytes(content)
    assert "changed.safetensors: damaged: sha256 of its weights" in refused(changed)


def test_a_file_of_another_program(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.safetensors"
    save_file({"x": torch.zeros(2)}, foreign)
    assert f"format: found none, allowed: {FORMAT}" in refused(foreign)


@pytest.mark.parametrize(
    ("card", "said"), [("{", "its card is damaged"), ('{"tasks": {}}', "its card lacks backbone")]
)
def test_a_damaged_card(tmp_path: Path, card: str, said: str) -> None:
    file = tmp_path / "odd.safetensors"
    save_file({"x": torch.zeros(2)}, file, {"format": FORMAT, "card": card})
    assert said in refused(file)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"input_px": None}, "input_px: found nothing, allowed: "),
        ({"tasks": {"scale": "8"}}, "tasks.scale: found '8', allowed: "),
        ({"backbone": []}, "backbone: found [], allowed: "),
        ({"dropout": 7}, "dropout: found 7, allowed: "),
        ({"hidden": 65536, "tasks": {"scale": 10**12}}, f"its tensors are not those of {NAME}"),
        ({"tasks": {"type": 8}}, "tasks: found 'type', allowed: a name without dots that torch's"),
        ({"tasks": {"a.b": 8}}, "tasks: found 'a.b', allowed: a name without dots that torch's"),
    ],
)
def test_a_card_of_a_network_that_cannot_be(
    tmp_path: Path, weights: Path, change: dict[str, object], said: str
) -> None:
    file = tmp_path / "odd.safetensors"
    card = json.dumps(card_in(weights) | change)
    save_file({"x": torch.zeros(2)}, file, {"format": FORMAT, "card": card})
    with pytest.raises(BadInput) as found:
        open_model(file)
    assert said in str(found.value) and "\n" not in str(found.value)


def test_tensors_of_another_network(tmp_path: Path, weights: Path) -> None:
    file = tmp_path / "odd.safetensors"
    card = json.dumps(card_in(weights))
    save_file({"x": torch.zeros(2)}, file, {"format": FORMAT, "card": card})
    assert f"its tensors are not those of {NAME}" in refused(file)


def test_weights_of_another_backbone(weights: Path) -> None:
    line = refused(weights, name="resnet18")
    assert f"backbone: found {NAME}, allowed here: resnet18" in line


def test_weights_of_other_tasks(weights: Path) -> None:
    line = refused(weights, {"age": 3})
    assert "tasks: found scale (8), shape (4), allowed here: age (3)" in line


def test_weights_of_tasks_with_other_classes(weights: Path) -> None:
    assert "allowed here: scale (9)" in refused(weights, {"scale": 9})


def test_heads_that_were_not_asked_for_are_left_out(weights: Path) -> None:
    whole, _ = load_model(weights, NAME, TASKS)
    shape, identity = load_model(weights, NAME, {"shape": 4})
    turned, _ = load_model(weights, NAME, {"shape": 4, "scale": 8})
    images = torch.randn(2, 3, 64, 64)
    assert shape.tasks == {"shape": 4}
    assert identity != identify(whole)
    assert list(turned(images)) == ["shape", "scale"]
    assert list(shape(images)) == ["shape"]
    assert torch.equal(shape(images)["shape"], whole(images)["shape"])


def test_weights_of_other_heads(weights: Path) -> None:
    assert "hidden: found 256, allowed here: 128" in refused(weights, hidden=128)


def test_narrower_heads_and_the_published_normalisation_survive_the_file(tmp_path: Path) -> None:
    net = random_net(NAME, TASKS, 64, seed=5, hidden=32, dropout=0.25).eval()
    plain = identify(net)
    net.normalise_as("imagenet")
    file = tmp_path / "narrow.safetensors"
    save_model(net, file, {}, half=True)
    loaded, identity = load_model(file, NAME, TASKS, hidden=32)
    images = torch.randn(2, 3, 64, 64)
    assert identity == identify(net) != plain
    assert (loaded.hidden, loaded.dropout, loaded.normalisation) == (32, 0.25, "imagenet")
    assert torch.equal(loaded(images)["scale"], net(images)["scale"])


def test_an_unknown_normalisation(tmp_path: Path, weights: Path) -> None:
    file = tmp_path / "odd.safetensors"
    card = card_in(weights) | {"normalisation": {"mean": [0.1], "std": [1.0]}}
    save_file({"x": torch.zeros(2)}, file, {"format": FORMAT, "card": json.dumps(card)})
    assert "normalisation: found {'mean': [0.1], 'std': [1.0]}, allowed: half" in refused(file)


def test_weights_for_another_input_size(weights: Path) -> None:
    assert "input_px: found 64, allowed here: 224" in refused(weights, px=224)


def test_an_unknown_backbone() -> None:
    assert "backbone: found 'lenet', allowed: mobilenet_v3_small" in refused("random", name="lenet")


def test_a_backbone_without_bundled_weights() -> None:
    line = refused("bundled", name="vgg16")
    assert "no bundled weights for vgg16 at 64 px with tasks scale, shape, allowed:" in line
    assert f"{NAME} at 64 px with tasks scale, shape" in line
