"""The cut check finds halves that do not compute what the whole network does."""

from contextlib import closing

import numpy as np
import pytest

from testbed.channel.zeromq import ZeroMqEdge
from testbed.config.deployments import Remote, RemoteSection, Split, SplitSection
from testbed.halves.client import Client
from testbed.halves.deployment import hello_of, make_deployment
from testbed.halves.equality import CutMismatch, check_cut
from testbed.model.load import NullNetwork
from testbed.network import Activation
from tests.testbed.halves_in_threads import FEATURE_BYTES, TASKS, null_network, serving

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


def check(server_network: NullNetwork, edge_network: NullNetwork) -> list[tuple[str, str | None]]:
    with serving(server_network) as server, closing(ZeroMqEdge(server.address)) as channel:
        client = Client(channel)
        client.hello(hello_of(edge_network), 3.0)
        deployments = [LOCAL, SPLIT_FP16, REMOTE_RAW, REMOTE_JPEG]
        checks = check_cut(edge_network, client, deployments, IMAGES)
    assert all(check.max_abs_difference == 0 for check in checks)
    return [(check.deployment, check.codec) for check in checks]


def test_each_cut_is_checked_with_a_lossless_codec() -> None:
    assert check(null_network(), null_network()) == [
        ("local", None),
        ("split-fp16", "fp32"),
        ("remote-raw", "raw"),
    ]


def test_server_with_another_tail_is_found_out() -> None:
    with pytest.raises(CutMismatch, match=r"split-fp16: .* differs from the whole by 0.01"):
        check(OffByABit(TASKS, FEATURE_BYTES), null_network())


def test_edge_whose_own_cut_is_wrong_is_found_out() -> None:
    with pytest.raises(CutMismatch, match="local"):
        check(null_network(), OffByABit(TASKS, FEATURE_BYTES))
