"""Both networks as the halves see them: numpy in, numpy out, one cut."""

import subprocess
import sys

import numpy as np
import pytest

from testbed.model.null_network import NullNetwork
from testbed.model.torch_network import TorchNetwork
from testbed.network import Network, predict
from testbed.scenario import ModelSection

IMAGE = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)


def networks() -> list[Network]:
    section = ModelSection(backbone="mobilenet_v3_small", weights="random")
    return [NullNetwork(("scale", "shape"), 1000), TorchNetwork.load(section, seed=1, threads=1)]


@pytest.mark.parametrize("network", networks(), ids=["null", "torch"])
def test_the_cut_changes_nothing(network: Network) -> None:
    image = network.resize(IMAGE)
    features = network.head(image)
    whole, cut = network.full(image), network.tail(features)
    assert features.dtype == np.float32
    assert features.ndim == 4
    assert len(whole) == len(network.tasks) == 2
    assert all(np.array_equal(a, b) for a, b in zip(whole, cut, strict=True))
    assert len(predict(whole)) == 2


def test_features_may_arrive_in_a_read_only_buffer() -> None:
    network = networks()[1]
    features = network.head(network.resize(IMAGE))
    received = np.frombuffer(features.tobytes(), np.float32).reshape(features.shape)
    assert all(
        np.array_equal(a, b)
        for a, b in zip(network.tail(features), network.tail(received), strict=True)
    )


def test_the_null_network_sends_as_much_as_asked() -> None:
    assert NullNetwork(("scale",), 20_000).head(IMAGE).nbytes == 20_000
    assert NullNetwork(("scale",), 5).head(IMAGE).nbytes == 8


def test_the_null_network_refuses_other_features() -> None:
    with pytest.raises(ValueError, match="features of shape"):
        NullNetwork(("scale",), 8).tail(np.zeros((1, 3, 1, 1), np.float32))


def test_identities_tell_networks_apart() -> None:
    section = ModelSection(backbone="mobilenet_v3_small", weights="random")
    one, other = (TorchNetwork.load(section, seed, threads=1) for seed in (1, 2))
    assert one.identity != other.identity
    assert one.identity.startswith("mobilenet_v3_small/64px/scale:8,shape:4/")


def test_the_null_network_needs_no_torch() -> None:
    code = "import sys, testbed.model.null_network; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
