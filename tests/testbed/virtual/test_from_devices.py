"""Virtual time from named devices: what is reckoned, and that it is the same everywhere."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from testbed.codecs.jpeg import Jpeg
from testbed.config.scenario import EdgeSection, Scenario
from testbed.devices.find import law_for
from testbed.devices.law import Law
from testbed.errors import BadInput
from testbed.halves.workload import load_dataset
from testbed.network import published_cut
from testbed.results.table import write_table
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import DeviceRepertoire, names_devices, repertoire_of
from testbed.virtual.simulate import run_virtual

ROWS = 6


def named(edge: str = "raspberry-pi-4", server: str = "server-core", **changes: Any) -> Scenario:
    lane = {"rate": "10mbit", "delay": "20ms"}
    tree: dict[str, Any] = {
        "name": "devices",
        "link": {"uplink": lane, "downlink": lane},
        "edge": {"device": edge},
        "server": {"device": server},
        "model": {"backbone": "mobilenet_v3_small", "weights": "random", "input_px": 32},
        "workload": {"camera_px": 96, "requests": 6, "warmup": 2},
        "deployments": ["local", {"remote": {"resize": "model"}}, {"split": {"codec": "fp16"}}],
        "repeats": 2,
    }
    return Scenario.model_validate(tree | changes)


@pytest.fixture(scope="module")
def contents() -> Contents:
    return Contents(ROWS)


@pytest.fixture(scope="module")
def repertoire(contents: Contents) -> DeviceRepertoire:
    return repertoire_of(named(), contents)


def test_stages_are_the_laws_times_a_factor_of_their_spread(
    contents: Contents, repertoire: DeviceRepertoire
) -> None:
    network = contents.of(named()).network
    edge, server = law_for("raspberry-pi-4", network), law_for("server-core", network)
    split, blocks = repertoire.of("split-fp16"), len(network.blocks)
    cut = published_cut(network.blocks)
    shape, size = (1, 576, 1, 1), 2 * 576
    medians_s = {
        "head_s": edge.compute_s(0, cut, 96 * 96),
        "encode_s": edge.encode_s("fp16", shape) + edge.transport_s(size),
        "server_decode_s": server.decode_s("fp16", shape) + server.transport_s(size),
        "server_tail_s": server.compute_s(cut, blocks, 96 * 96),
    }
    factors = sorted(edge.factor((row + 0.5) / ROWS) for row in range(ROWS))
    for column, taken_s in split.at_once:
        expected = [medians_s.get(column, 0.0) * factor for factor in factors]
        assert sorted(taken_s) == pytest.approx(expected), column
    assert split.after_pauses == ()
    assert split.payload_up_bytes == (size,) * ROWS


@pytest.mark.parametrize(
    ("entry", "cut", "shape"),
    [
        ({"split": {"cut": "features.3"}}, 5, (1, 24, 4, 4)),
        ({"split": {"cut": "hidden"}}, 15, (1, 512)),
    ],
)
def test_any_cut_divides_the_laws(
    contents: Contents, entry: dict[str, Any], cut: int, shape: tuple[int, ...]
) -> None:
    scenario = named(deployments=[entry])
    (name,) = contents.of(scenario).crossings
    assert contents.of(scenario).crossings[name].shape == shape
    found, network = repertoire_of(scenario, contents).of(name), contents.of(scenario).network
    edge, server = law_for("raspberry-pi-4", network), law_for("server-core", network)
    head_s = edge.compute_s(0, cut, 96 * 96)
    tail_s = server.compute_s(cut, len(network.blocks), 96 * 96)
    assert _medians(found.at_once.head_s, edge) == pytest.approx([head_s] * ROWS)
    assert _medians(found.at_once.server_tail_s, server) == pytest.approx([tail_s] * ROWS)


def test_the_edge_shrinks_the_camera_s_image_and_the_server_resizes_what_crosses(
    contents: Contents,
) -> None:
    """From a camera that is no square."""
    scenario = named(
        deployments=[{"remote": {"codec": "raw", "resize": 48}}],
        workload={"camera_px": "112x96", "requests": 6, "warmup": 2},
    )
    found = repertoire_of(scenario, contents).of("remote-raw-48px")
    network = contents.of(scenario).network
    edge, server = law_for("raspberry-pi-4", network), law_for("server-core", network)
    head_s, tail_s = edge.resize_s(112 * 96, 48), server.compute_s(0, len(network.blocks), 48 * 48)
    assert found.payload_up_bytes == (3 * 48 * 48,) * ROWS
    assert _medians(found.at_once.head_s, edge) == pytest.approx([head_s] * ROWS)
    assert _medians(found.at_once.server_tail_s, server) == pytest.approx([tail_s] * ROWS)


def _medians(column_s: Sequence[float], law: Law) -> list[float]:
    """Without the device's spread."""
    factors = [law.factor((row + 0.5) / ROWS) for row in range(ROWS)]
    return [taken_s / factor for taken_s, factor in zip(sorted(column_s), factors, strict=True)]


def test_one_share_a_request_and_half(repertoire: DeviceRepertoire) -> None:
    """What is slow at the edge is slow in all its stages, whatever the server does then."""
    split, local = repertoire.of("split-fp16").at_once, repertoire.of("local").at_once
    order = np.argsort(split.head_s)
    assert list(np.argsort(split.encode_s)) == list(np.argsort(local.head_s)) == list(order)
    assert list(np.argsort(split.server_tail_s)) == list(np.argsort(split.server_decode_s))
    assert list(np.argsort(split.server_tail_s)) != list(order)


def test_bytes_and_classes_are_those_of_the_images(
    contents: Contents, repertoire: DeviceRepertoire
) -> None:
    images, network = load_dataset(named()), contents.of(named()).network
    small = [network.run(images.image(number), 0, 1) for number in repertoire.samples]
    sizes = tuple(Jpeg(quality=90).encode(image).nbytes for image in small)  # type: ignore[arg-type]
    remote = repertoire.of("remote-jpeg-q90-resized")
    assert remote.payload_up_bytes == sizes
    assert len(set(sizes)) > 1
    whole = [network.full(images.image(number)) for number in repertoire.samples]
    assert repertoire.of("local").predictions["shape"] == tuple(
        int(scores[1].argmax()) for scores in whole
    )
    assert repertoire.labels["shape"][0] == images.labels(repertoire.samples[0])["shape"]


def test_what_scenarios_share_is_made_once(contents: Contents) -> None:
    usual, other = contents.of(named()), contents.of(named("pixel", deployments=["local"]))
    assert other.crossings["local"] is usual.crossings["local"]
    assert other.network is usual.network
    assert contents.of(named(seed=8)).samples != usual.samples


def test_a_faster_device_changes_local_alone_by_its_scale(contents: Contents) -> None:
    fast = repertoire_of(named("galaxy-s24-npu"), contents)
    slow = repertoire_of(named("raspberry-pi-4"), contents)
    assert 5 * max(fast.of("local").at_once.head_s) < min(slow.of("local").at_once.head_s)
    one = "remote-jpeg-q90-resized"
    assert fast.of(one).at_once.server_tail_s == slow.of(one).at_once.server_tail_s


def test_the_summary_says_the_devices(repertoire: DeviceRepertoire) -> None:
    _, summary = run_virtual(named(), repertoire)
    scale = summary["devices"]["edge"]["scales"]["compute"]
    assert summary["devices"]["server"]["name"] == "server-core"
    assert scale["lowest"] < scale["times"] < scale["highest"]
    assert summary["floor_ms"] == {"p50": None, "p99": None}


def test_the_same_seed_gives_the_same_file_to_the_byte(
    tmp_path: Path, repertoire: DeviceRepertoire
) -> None:
    digests = set()
    for number, each in enumerate((repertoire, repertoire_of(named(), Contents(ROWS)))):
        file = tmp_path / f"{number}.parquet"
        write_table(run_virtual(named(), each)[0], file)
        digests.add(hashlib.sha256(file.read_bytes()).hexdigest())
    assert len(digests) == 1
    requests, _ = run_virtual(named(seed=8), repertoire_of(named(seed=8), Contents(ROWS)))
    write_table(requests, tmp_path / "other.parquet")
    other = hashlib.sha256((tmp_path / "other.parquet").read_bytes()).hexdigest()
    assert other not in digests


@pytest.mark.parametrize(
    ("edge", "server", "found"),
    [("host", "host", False), ("pixel", "reference", True)],
)
def test_both_or_neither_may_be_named(edge: str, server: str, found: bool) -> None:
    assert names_devices(named(edge, server)) is found


@pytest.mark.parametrize(
    ("edge", "server", "half"), [("host", "pixel", "edge"), ("pixel", "host", "server")]
)
def test_one_host_is_bad_input(edge: str, server: str, half: str) -> None:
    with pytest.raises(BadInput, match=f"{half}.device: found host beside a named device"):
        names_devices(named(edge, server))


def test_a_network_that_the_device_has_not_is_bad_input() -> None:
    with pytest.raises(BadInput, match=r"found model\.backbone null, allowed: mobilenet_v3_small"):
        repertoire_of(named(model={"backbone": "null"}), Contents(ROWS))


def test_the_edges_energy_is_that_of_its_device_and_radio(repertoire: DeviceRepertoire) -> None:
    """And a radio changes no time."""
    edge = EdgeSection(device="raspberry-pi-4", radio="lte")
    requests, summary = run_virtual(named().model_copy(update={"edge": edge}), repertoire)
    watts = summary["edge_power"]["computing_w"]["value"]
    computing_j = watts * (requests["stage_head_s"] + requests["stage_encode_s"])
    found_j = requests["energy_head_j"] + requests["energy_encode_j"]
    assert np.allclose(found_j, computing_j)
    crosses = requests["deployment"] != "local"
    assert (requests.loc[crosses, "energy_radio_on_j"] > 0).all()
    assert (requests.loc[~crosses, "energy_radio_on_j"] == 0).all()
    without, _ = run_virtual(named(), repertoire)
    assert without["latency_s"].equals(requests["latency_s"])
    assert without.loc[crosses, "edge_energy_j"].isna().all()


def test_an_edge_that_falls_back_takes_what_the_whole_network_takes(contents: Contents) -> None:
    far = {"rate": "10mbit", "delay": "300ms"}
    edge = EdgeSection(device="raspberry-pi-4", fallback="local", after="200ms")  # type: ignore[arg-type]
    deployments = ["remote", {"remote": {"resize": 64}}, {"split": {"codec": "fp16"}}]
    asked = named(link={"uplink": far, "downlink": far}, deployments=deployments)
    asked = asked.model_copy(update={"edge": edge})
    repertoire = repertoire_of(asked, contents)
    whole_s = dict(zip(repertoire.samples, repertoire.of("local").at_once.head_s, strict=True))
    requests, _ = run_virtual(asked, repertoire)
    assert requests["fell_back_s"].notna().all()
    for _, request in requests.iterrows():
        edge_s = request["stage_fallback_s"]
        if request["deployment"] == "split-fp16":
            edge_s += request["stage_head_s"]
        assert edge_s == pytest.approx(whole_s[request["sample"]])
