"""Both networks as the halves see them: numpy in, numpy out, cut anywhere."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from testbed.config.scenario import ModelSection, Scenario
from testbed.data.catalog import DATASETS
from testbed.errors import BadInput
from testbed.model.load import NullNetwork, load_network, model_wanted
from testbed.model.mtl import BACKBONES
from testbed.model.torch_network import TorchNetwork
from testbed.network import Network, cuts_of, predict
from tests.testbed import synthetic

IMAGE = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)


SIX = DATASETS["shapes3d"]


def real(seed: int = 1, **model: Any) -> TorchNetwork:
    section = ModelSection(**{"backbone": "mobilenet_v3_small", "weights": "random"} | model)
    return TorchNetwork.load(section, SIX, seed, threads=1)


def networks() -> list[Network]:
    return [NullNetwork(("scale", "shape"), 1000), real()]


@pytest.mark.parametrize("network", networks(), ids=["null", "torch"])
def test_no_cut_changes_anything(network: Network) -> None:
    image, end = IMAGE.copy(), len(network.blocks)
    whole = network.full(image)
    assert len(whole) == len(network.tasks) == len(predict(whole)) == 2
    for cut, name in enumerate(cuts_of(network.blocks)):
        found = network.run(network.run(image, 0, cut), cut, end)
        assert all(np.array_equal(a, b) for a, b in zip(whole, found, strict=True)), name
    assert np.array_equal(image, IMAGE)


@pytest.mark.parametrize("network", networks(), ids=["null", "torch"])
def test_images_come_first_then_features(network: Network) -> None:
    assert cuts_of(network.blocks)[:2] == ("camera", "resize")
    assert network.blocks[-1] == "heads"
    for cut in range(len(network.blocks)):
        found = np.asarray(network.run(IMAGE, 0, cut))
        name = cuts_of(network.blocks)[cut]
        features = ("float32", 2 if name == "hidden" else 4)
        assert (found.dtype.name, found.ndim) == (("uint8", 3) if cut < 2 else features)


def test_features_may_arrive_in_a_read_only_buffer() -> None:
    network = real(backbone="vgg16", input_px=32, hidden=8)
    whole, end = network.full(IMAGE), len(network.blocks)
    for cut in range(2, 6):  # with a ReLU among them, which works in place
        features = np.asarray(network.run(IMAGE, 0, cut))
        received = np.frombuffer(features.tobytes(), np.float32).reshape(features.shape)
        found = network.run(received, cut, end)
        assert all(np.array_equal(a, b) for a, b in zip(whole, found, strict=True))


def test_several_images_at_once_are_refused() -> None:
    network = real()
    features = np.asarray(network.run(IMAGE, 0, 3))
    with pytest.raises(ValueError, match="2 images"):
        network.run(np.concatenate([features, features]), 3, len(network.blocks))


def _features(size_bytes: int) -> NDArray[Any]:
    return np.asarray(NullNetwork(("scale",), size_bytes).run(IMAGE, 0, 2))


def test_the_null_network_sends_as_much_as_asked() -> None:
    assert _features(20_000).nbytes == 20_000
    assert _features(5).nbytes == 8


def test_the_null_network_refuses_other_features() -> None:
    with pytest.raises(ValueError, match="features of shape"):
        NullNetwork(("scale",), 8).run(np.zeros((1, 3, 1, 1), np.float32), 2, 3)


def test_identities_tell_networks_apart() -> None:
    one, other = (real(seed) for seed in (1, 2))
    assert one.identity != other.identity
    assert one.identity != real(hidden=128).identity
    assert one.identity.startswith("mobilenet_v3_small/64px/scale:8,shape:4/")


def test_the_null_network_needs_no_torch() -> None:
    code = "import sys, testbed.model.load; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("tasks", [("scale",), ("scale", "shape", "orientation"), tuple(SIX)])
def test_every_backbone_with_one_three_and_six_tasks(backbone: str, tasks: tuple[str, ...]) -> None:
    network = real(backbone=backbone, tasks=tasks, input_px=32, hidden=16)
    answers = network.run(IMAGE, 0, len(network.blocks))
    assert [len(scores) for scores in answers] == [SIX[task] for task in tasks]
    assert all(np.array_equal(a, b) for a, b in zip(answers, network.full(IMAGE), strict=True))
    assert len(network.identity) <= 256  # what a HELLO can hold


def test_results_say_where_the_weights_came_from() -> None:
    assert real(weights="auto").weights == ("bundled", "")
    assert real(weights="auto", tasks=("shape",)).weights.source == "bundled"
    assert real().weights == ("random", "random weights: accuracy says nothing")
    assert real(weights="auto", tasks=("orientation",)).weights == (
        "random",
        "no bundled weights for mobilenet_v3_small with tasks orientation: random weights, "
        "accuracy says nothing",
    )
    assert NullNetwork(("scale",), 8).weights.untrained == "null model: accuracy says nothing"


def scenario(**workload: Any) -> Scenario:
    return synthetic.scenario(
        model={"backbone": "mobilenet_v3_small", "tasks": ["shape"]}, workload=workload
    )


@pytest.mark.parametrize("workload", [{}, {"dataset": "blank"}, {"images": "pictures"}])
def test_images_without_labels_go_with_shapes3d_tasks(workload: dict[str, str]) -> None:
    assert load_network(scenario(**workload), threads=1).tasks == ("shape",)


def test_auto_takes_no_weights_of_another_data_set_with_tasks_of_the_same_names() -> None:
    assert load_network(scenario(), threads=1).weights.source == "bundled"
    other = scenario(dataset="collage")
    assert load_network(other, threads=1).weights.source == "random"
    bundled = other.model_copy(
        update={"model": other.model.model_copy(update={"weights": "bundled"})}
    )
    assert model_wanted(bundled).weights == "bundled"


def test_a_task_the_data_set_lacks_is_refused() -> None:
    with pytest.raises(BadInput, match=r"model\.tasks: found 'age', allowed: floor_hue, wall_hue"):
        real(tasks=("shape", "age"))
