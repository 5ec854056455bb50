"""Judged on images: counts are those of going through edge and server one image at a time."""

import numpy as np
import pytest

from testbed.choice.candidates import entries_of
from testbed.choice.judge import Judgement, TaskCounts, judge
from testbed.config.scenario import ModelSection
from testbed.data.catalog import DATASETS, open_dataset
from testbed.halves.deployment import BehindCuts, Deployment, make_deployment
from testbed.model.torch_network import TorchNetwork
from testbed.network import predict

IMAGES = list(range(0, 4000, 100))
ENTRIES = entries_of(
    [
        "local",
        {"remote": {"codec": "jpeg", "quality": 20, "resize": "model"}},
        {"remote": {"codec": "jpeg", "quality": 20}},
        {"split": {"codec": "fp32"}},
        {"split": {"codec": "topk", "keep": 2}},
    ]
)
DATASET = open_dataset("shapes3d", "test", tasks=("scale", "shape"), camera_px=100)


@pytest.fixture(scope="module")
def network() -> TorchNetwork:
    """The weights that ship."""
    section = ModelSection(backbone="mobilenet_v3_small", weights="bundled")
    return TorchNetwork.load(section, DATASETS["shapes3d"], 0, threads=1)


@pytest.fixture(scope="module")
def deployments(network: TorchNetwork) -> list[Deployment]:
    return [make_deployment(entry, network) for entry in ENTRIES]


@pytest.fixture(scope="module")
def judged(network: TorchNetwork, deployments: list[Deployment]) -> list[Judgement]:
    return judge(network, deployments, DATASET, IMAGES)


def one_by_one(network: TorchNetwork, deployment: Deployment) -> list[tuple[int, ...]]:
    """Answers as a run gets them."""
    behind, answers = BehindCuts(network), []
    for number in IMAGES:
        sent = deployment.compute(network, DATASET.image(number))
        if deployment.crosses_link:
            array = behind.decode(deployment.cut_name, deployment.encode(sent))
            sent = behind.finish(deployment.cut_name, array)
        answers.append(predict(sent))
    return answers


def test_counts_are_those_of_one_image_after_the_other(
    network: TorchNetwork, deployments: list[Deployment], judged: list[Judgement]
) -> None:
    whole = one_by_one(network, deployments[0])
    for deployment, judgement in zip(deployments, judged, strict=True):
        answers = one_by_one(network, deployment)
        assert (judgement.name, judgement.images) == (deployment.name, len(IMAGES))
        for place, task in enumerate(network.tasks):
            true = [DATASET.labels(number)[task] for number in IMAGES]
            found, of_whole = ([each[place] for each in of] for of in (answers, whole))
            wanted = TaskCounts()
            wanted.add(*(np.array(values) for values in (found, of_whole, true)))
            assert judgement.tasks[task] == wanted


def test_what_loses_is_seen_to_and_what_is_exact_agrees(judged: list[Judgement]) -> None:
    local, small_jpeg, _, exact, _ = judged
    assert local.agreement() == exact.agreement() == 1
    assert local.worst_loss()[0] == exact.worst_loss()[0] == 0
    assert small_jpeg.worst_loss()[0] > 0


def test_bytes_are_of_what_is_sent(judged: list[Judgement], network: TorchNetwork) -> None:
    local, small_jpeg, jpeg, exact, few = judged
    assert (local.mean_bytes, local.most_bytes, local.shape) == (0, 0, ())
    assert small_jpeg.shape == (64, 64, 3)
    assert jpeg.shape == (100, 100, 3)
    assert small_jpeg.least_bytes < small_jpeg.mean_bytes < jpeg.mean_bytes
    assert small_jpeg.spread_bytes > 0
    assert exact.spread_bytes == 0
    assert exact.mean_bytes == 4 * np.prod(exact.shape) == 9216
    assert few.mean_bytes < exact.mean_bytes / 8


def test_the_interval_of_a_loss_is_paired_and_never_without_width() -> None:
    alike = TaskCounts(right=900, agreed=1000)
    middle, low, high = alike.loss(1000)
    assert middle == 0
    assert -0.003 < low < 0 < high < 0.003
    lost = TaskCounts(right=880, lost=25, gained=5, agreed=970)
    middle, low, high = lost.loss(1000)
    assert middle == pytest.approx(0.02)
    assert 0.008 < low < 0.02 < high < 0.032


def test_the_interval_of_a_loss_holds_in_95_of_100() -> None:
    random = np.random.default_rng(0)
    chances, held = (0.03, 0.01, 0.96), 0
    for lost, gained, _ in random.multinomial(600, chances, 2000):
        _, low, high = TaskCounts(lost=int(lost), gained=int(gained)).loss(600)
        held += low <= chances[0] - chances[1] <= high
    assert 0.935 < held / 2000 < 0.97
