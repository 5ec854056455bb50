"""The cut check finds halves that do not compute what the whole network does."""

from collections.abc import Sequence
from contextlib import closing

import numpy as np
import pytest

from testbed.channel.zeromq import ZeroMqEdge
from testbed.config.deployments import DeploymentEntry, Remote, RemoteSection, Split, SplitSection
from testbed.config.scenario import ModelSection
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment, hello_of, make_deployment
from testbed.halves.equality import CutMismatch, check_cut
from testbed.model.load import NullNetwork
from testbed.model.torch_network import TorchNetwork
from testbed.network import Activation, Image, Network
from tests.testbed.halves_in_threads import FEATURE_BYTES, NEAR, TASKS, null_network, serving

IMAGES = [np.zeros((8, 8, 3), np.uint8)]
SPLIT_FP16 = make_deployment(Split(split=SplitSection(codec="fp16")), null_network())
REMOTE_RAW = make_deployment(Remote(remote=RemoteSection(codec="raw")), null_network())
REMOTE_JPEG = make_deployment(Remote(remote=RemoteSection(codec="jpeg")), null_network())
LOCAL = make_deployment("local", null_network())


class OffByABit(NullNetwork):
    """Its chain does not end as the whole network does."""

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        made = super().run(x, start, stop)
        return [scores + np.float32(0.01) for scores in made] if isinstance(made, list) else made


def check(
    server_network: Network,
    edge_network: Network,
    deployments: Sequence[Deployment] = (LOCAL, SPLIT_FP16, REMOTE_RAW, REMOTE_JPEG),
    images: Sequence[Image] = IMAGES,
) -> list[tuple[str, str | None]]:
    with serving(server_network) as server, closing(ZeroMqEdge(server.address)) as channel:
        client = Client(channel)
        client.hello(hello_of(edge_network), 3.0)
        checks = check_cut(edge_network, client, deployments, images, NEAR.answer_s)
    assert all(check.max_abs_difference == 0 for check in checks)
    return [(check.deployment, check.codec) for check in checks]


def test_each_cut_is_checked_with_a_lossless_codec() -> None:
    assert check(null_network(), null_network()) == [
        ("local", None),
        ("split-fp16", "fp32"),
        ("remote-raw", "raw"),
    ]


@pytest.fixture(scope="module")
def real() -> TorchNetwork:
    model = ModelSection(
        backbone="resnet18", weights="random", tasks=("shape",), input_px=33, hidden=8
    )
    return TorchNetwork.load(model, {"shape": 4}, seed=1, threads=1)


def test_any_cut_and_images_of_any_size_are_checked(real: TorchNetwork) -> None:
    """The edge makes 48 pixels of 64x96, the server 33 of these: not what 33 of 64x96 would be."""
    images = [np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)]
    entries: list[DeploymentEntry] = [
        Split(split=SplitSection(codec="fp16", cut="layer2")),
        Split(split=SplitSection(codec="fp16", cut="hidden")),
        Remote(remote=RemoteSection(codec="raw", resize=48)),
        Remote(remote=RemoteSection(codec="jpeg", resize=48)),
    ]
    deployments = [make_deployment(entry, real) for entry in entries]
    assert check(real, real, deployments, images) == [
        ("split-layer2-fp16", "fp32"),
        ("split-hidden-fp16", "fp32"),
        ("remote-raw-48px", "raw"),
    ]
    assert not np.array_equal(
        real.full(images[0])[0], real.full(deployments[2].shrunk(images[0]))[0]
    )


def test_server_with_another_tail_is_found_out() -> None:
    with pytest.raises(CutMismatch, match=r"split-fp16: .* differs from the whole by 0.01"):
        check(OffByABit(TASKS, FEATURE_BYTES), null_network())


def test_edge_whose_own_cut_is_wrong_is_found_out() -> None:
    with pytest.raises(CutMismatch, match="local"):
        check(null_network(), OffByABit(TASKS, FEATURE_BYTES))
