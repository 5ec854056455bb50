"""What an entry of a scenario becomes: where it cuts, what the edge does, what crosses."""

from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from testbed.config.deployments import DeploymentEntry
from testbed.config.scenario import ModelSection
from testbed.errors import BadInput, ProtocolError
from testbed.halves.deployment import BehindCuts, check_cuts, cut_of, make_deployment
from testbed.lifecycle.messages import Payload
from testbed.model.torch_network import TorchNetwork
from testbed.network import flatten_logits
from tests.testbed import synthetic
from tests.testbed.halves_in_threads import null_network

ENTRY: TypeAdapter[Any] = TypeAdapter(DeploymentEntry)
BLOCKS = ("resize", "conv1", "layer1", "layer2", "hidden", "heads")
IMAGE = np.random.default_rng(0).integers(0, 256, (40, 64, 3), np.uint8)


def entry(tree: Any) -> DeploymentEntry:
    found: DeploymentEntry = ENTRY.validate_python(tree)
    return found


@pytest.mark.parametrize(
    ("tree", "cut"),
    [
        ("remote", 0),
        ({"remote": {"resize": 32}}, 0),
        ({"remote": {"resize": "model"}}, 1),
        ({"split": {"cut": "conv1"}}, 2),
        ({"split": {"cut": "layer2"}}, 4),
        ("split", 4),
        ({"split": {"cut": "hidden"}}, 5),
        ("local", 6),
    ],
)
def test_where_an_entry_cuts(tree: Any, cut: int) -> None:
    assert cut_of(entry(tree), BLOCKS) == cut


def test_without_hidden_layers_the_published_cut_is_before_the_last_block() -> None:
    assert cut_of(entry("split"), ("resize", "features", "heads")) == 2


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ("camera", r"found 'camera', allowed instead: remote: \{resize: none\}"),
        ("resize", r"found 'resize', allowed instead: remote: \{resize: model\}"),
        ("heads", "found 'heads', allowed instead: local"),
        (
            "layer3",
            r"found 'layer3' \(did you mean layer2\?\), allowed: conv1, layer1, layer2, hid",
        ),
        ("x", "found 'x', allowed: conv1, layer1, layer2, hidden$"),
    ],
)
def test_a_cut_that_the_network_has_not(cut: str, said: str) -> None:
    with pytest.raises(BadInput, match=f"^deployments: split.cut: {said}"):
        cut_of(entry({"split": {"cut": cut}}), BLOCKS)


def test_cuts_are_checked_without_the_network() -> None:
    def check(backbone: str, *deployments: Any) -> None:
        check_cuts(synthetic.scenario(model={"backbone": backbone}, deployments=list(deployments)))

    check("resnet18", "local", "remote", {"split": {"cut": "layer1"}})
    check("lenet", {"split": {"cut": "layer1"}})  # loading it will say what is wrong
    with pytest.raises(BadInput, match=r"found 'layer1', allowed: features\.0"):
        check("vgg16", {"split": {"cut": "layer1"}})


def test_the_edge_shrinks_the_image_and_the_server_has_the_whole_network() -> None:
    network = null_network()
    small = make_deployment(entry({"remote": {"codec": "raw", "resize": 16}}), network)
    assert (small.cut_name, small.computes) == ("camera", True)
    sent = small.compute(network, IMAGE)
    assert np.shape(sent) == (16, 16, 3)
    payload = small.encode(sent)
    assert memoryview(payload.buffer).nbytes == 16 * 16 * 3
    behind = BehindCuts(network)
    answer = behind.finish(small.cut_name, behind.decode(small.cut_name, payload))
    assert np.array_equal(flatten_logits(answer), flatten_logits(network.full(IMAGE)))


@pytest.mark.parametrize("codec", ["raw", "jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("cut", ["camera", "resize"])
def test_an_image_larger_than_the_camera_s_is_not_decoded(codec: str, cut: str) -> None:
    network = null_network()
    behind = BehindCuts(network, most_pixels=32 * 16)
    made = make_deployment(entry({"remote": {"codec": codec}}), network)
    fits = made.encode(np.zeros((32, 16, 3), np.uint8))
    assert behind.decode(cut, fits).shape == (32, 16, 3)
    large = made.encode(np.zeros((32, 17, 3), np.uint8))
    with pytest.raises(ProtocolError, match=r"an image of 544 pixels, allowed: 512, as in this"):
        behind.decode(cut, large)
    with pytest.raises(ProtocolError, match="pixels"):
        behind.decode(cut, large._replace(shape=(8192, 8192, 3)))
    with pytest.raises(ProtocolError):  # announced as small
        behind.decode(cut, large._replace(shape=(32, 16, 3)))


def test_features_have_as_many_numbers_as_their_network() -> None:
    behind = BehindCuts(null_network(), most_pixels=1)
    shape = (1, 1000, 1, 1)
    assert behind.decode("features", Payload("fp32", shape, bytes(4000))).shape == shape


def test_an_edge_that_sends_the_camera_s_image_computes_nothing() -> None:
    whole = make_deployment(entry({"remote": {"codec": "raw"}}), null_network())
    assert not whole.computes
    assert whole.shrunk(IMAGE) is IMAGE


@pytest.mark.parametrize(
    "tree", ["remote", {"remote": {"resize": 32}}, {"remote": {"resize": "model"}}, "split"]
)
@pytest.mark.parametrize("computed", [True, False])
def test_the_edge_alone_comes_to_what_the_whole_network_does(tree: Any, computed: bool) -> None:
    offered = {"scale": 8, "shape": 4}
    model = ModelSection(backbone="mobilenet_v3_small", weights="random", input_px=32)
    network = TorchNetwork.load(model, offered, seed=1, threads=1)
    deployment = make_deployment(entry(tree), network)
    made = deployment.compute(network, IMAGE) if computed else None
    found = deployment.finish(network, IMAGE, made)
    whole = network.run(IMAGE, 0, len(network.blocks))
    assert flatten_logits(found).tolist() == flatten_logits(whole).tolist()
    start = deployment.finish_start(computed)
    assert start == (deployment.cut if computed and not deployment.resize_px else 0)
