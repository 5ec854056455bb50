"""A codec that has learned something of its network: kept in its file, alike on both sides.

`Scaled` rounds features to eight bits by a scale for each channel. It knows its scales from nowhere
but the network's file.
"""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

import testbed.codecs
from testbed.channel.zeromq import ZeroMqEdge
from testbed.codecs.codec import Codec, Options, Shape
from testbed.codecs.tables import HasTables, Tables, tables_identity, tables_of
from testbed.config.scenario import ModelSection
from testbed.data.catalog import DATASETS
from testbed.errors import BadInput, PeerLost, ProtocolError
from testbed.halves.client import Client
from testbed.halves.deployment import BehindCuts, Deployment, hello_of
from testbed.lifecycle.messages import Payload, Reply, Request
from testbed.model.checkpoint import load_model, random_net, save_model
from testbed.model.load import NullNetwork
from testbed.model.torch_network import TorchNetwork
from tests.testbed.halves_in_threads import serving

BACKBONE, PX, CUT = "mobilenet_v3_small", 32, "features.12"
TASKS = {"scale": 8, "shape": 4}
IMAGE = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)


class Scaled(Codec):
    """Eight bits a value."""

    name, content, lossless = "scaled8", "features", False

    def __init__(self, scale: NDArray[np.float32]) -> None:
        self.scale = scale[:, None, None]

    @classmethod
    def make(cls, options: Options, network: HasTables, cut: str) -> Self:
        tables = tables_of(network, cls.name, cut)
        if "scale" not in tables:
            raise BadInput(f"codec {cls.name}: the network's file has no scales for {cut}")
        return cls(tables["scale"])

    def _encode(self, array: NDArray[Any]) -> memoryview:
        return np.rint(array / self.scale).clip(-127, 127).astype(np.int8).reshape(-1).data

    def _decode(self, data: memoryview, shape: Shape) -> NDArray[Any]:
        return np.frombuffer(data, np.int8).reshape(shape) * self.scale


def calibrated(network: TorchNetwork) -> Tables:
    """The scales of each channel, from one image."""
    features = np.asarray(network.run(IMAGE, 0, network.blocks.index(CUT) + 1))
    scale = np.abs(features).max(axis=(0, 2, 3)) / 127 + np.float32(1e-9)
    return {f"scaled8/{CUT}/scale": scale.astype(np.float32)}


def loaded(file: Path) -> TorchNetwork:
    section = ModelSection(backbone=BACKBONE, weights=str(file), input_px=PX)
    return TorchNetwork.load(section, DATASETS["shapes3d"], 0, threads=1)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network's file with tables, stored as float16."""
    file = tmp_path_factory.mktemp("weights") / "calibrated.safetensors"
    net = random_net(BACKBONE, TASKS, PX, seed=3)
    save_model(net, file, {}, half=True)
    net.tables = calibrated(loaded(file))
    save_model(net, file, {}, half=True)
    return file


def test_tables_lie_in_the_file_beside_weights_that_stay_the_same(file: Path) -> None:
    plain = random_net(BACKBONE, TASKS, PX, seed=3)
    identity = save_model(plain, file.with_name("plain.safetensors"), {}, half=True)["sha256"]
    net, found = load_model(file, BACKBONE, TASKS, PX)
    assert found == identity
    assert net.tables.keys() == {f"scaled8/{CUT}/scale"}
    assert tables_identity(net.tables) == tables_identity(calibrated(loaded(file)))
    assert net.state_dict().keys() == plain.state_dict().keys()


def test_changed_tables_are_noticed(file: Path, tmp_path: Path) -> None:
    content = bytearray(file.read_bytes())
    table = loaded(file).tables[f"scaled8/{CUT}/scale"].tobytes()
    content[content.index(table)] ^= 1
    changed = tmp_path / "changed.safetensors"
    changed.write_bytes(content)
    with pytest.raises(
        BadInput, match=r"changed\.safetensors: damaged: sha256 of its codec tables"
    ):
        loaded(changed)


def test_both_halves_code_with_the_tables_of_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(testbed.codecs.CODECS, "scaled8", Scaled)
    edge, server = loaded(file), loaded(file)
    codec = Scaled.make(Options(), edge, CUT)
    deployment = Deployment("split-scaled8", edge.blocks.index(CUT) + 1, CUT, codec)
    payload = deployment.encode(deployment.compute(edge, IMAGE))
    assert memoryview(payload.buffer).nbytes == 576
    with serving(server) as running, closing(ZeroMqEdge(running.address)) as channel:
        client = Client(channel)
        client.hello(hello_of(edge), 3.0)
        client.submit(Request(1, CUT, payload, want_logits=True))
        received = client.receive(perf_counter() + 3)
    assert received is not None
    assert isinstance(received.message, Reply)
    assert received.message.logits is not None
    found = np.frombuffer(received.message.logits, "<f4")
    assert found == pytest.approx(np.concatenate(edge.full(IMAGE)), abs=0.02)


def test_halves_with_other_tables_do_not_start(file: Path) -> None:
    edge, server = loaded(file), loaded(file)
    server.tables = {name: 2 * table for name, table in server.tables.items()}
    with (
        serving(server) as running,
        closing(ZeroMqEdge(running.address)) as channel,
        pytest.raises(PeerLost, match=r"holds .* with codec tables .*, here .* with codec tables"),
    ):
        Client(channel).hello(hello_of(edge), 3.0)


def test_a_network_without_the_tables_has_no_such_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(testbed.codecs.CODECS, "scaled8", Scaled)
    network = NullNetwork(("scale",), 8)
    with pytest.raises(BadInput, match="no scales for features"):
        Scaled.make(Options(), network, "features")
    with pytest.raises(ProtocolError, match=r"scaled8: .* no scales for features"):
        BehindCuts(network).decode("features", Payload("scaled8", (1, 2, 1, 1), b"12"))


def test_a_codec_is_for_the_content_of_its_cut() -> None:
    network = NullNetwork(("scale",), 8)
    behind = BehindCuts(network)
    with pytest.raises(ProtocolError, match="codec 'fp32', allowed at resize: raw, jpeg"):
        behind.decode("resize", Payload("fp32", (1, 2, 1, 1), bytes(8)))
    with pytest.raises(ProtocolError, match="codec 'raw', allowed at features: fp32, fp16"):
        behind.decode("features", Payload("raw", (1, 1, 3), bytes(3)))
    with pytest.raises(ProtocolError, match="cut 'heads', allowed: camera, resize, features"):
        behind.decode("heads", Payload("fp32", (1,), bytes(4)))


@pytest.mark.parametrize("shape", [(), (0,), (1, 1), (2, 2, 2, 2), (1, 100, 1, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("network", ["null", "torch"])
def test_an_array_that_does_not_fit_is_a_fault_of_the_peer(
    network: str, dtype: type, shape: tuple[int, ...], file: Path
) -> None:
    half = loaded(file) if network == "torch" else NullNetwork(("scale",), 8)
    cuts = half.blocks[:-1] if network == "torch" else half.blocks[1:-1]
    behind = BehindCuts(half)
    for cut in cuts:
        with pytest.raises(ProtocolError, match=f"{cut}: array of shape"):
            behind.finish(cut, np.zeros(shape, dtype))


def test_identity_is_of_names_types_shapes_and_values() -> None:
    one = np.arange(6, dtype=np.float32)
    others: list[Mapping[str, NDArray[Any]]] = [
        {"a/b/c": one},
        {"a/b/d": one},
        {"a/b/c": one.astype(np.float64)},
        {"a/b/c": one.reshape(2, 3)},
        {"a/b/c": one + 1},
    ]
    assert len({tables_identity(tables) for tables in others}) == len(others)
    assert tables_identity({}) == ""
