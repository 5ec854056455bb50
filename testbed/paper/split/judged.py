"""The weights that ship, judged through every codec, some thousand images at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from testbed.choice.candidates import entries_of
from testbed.choice.judge import Judgement, TaskCounts, judge
from testbed.codecs import CODECS, codecs_of
from testbed.config.deployments import DeploymentEntry, codec_section_of
from testbed.config.scenario import ModelSection
from testbed.data.catalog import DATASETS, open_dataset
from testbed.errors import BadInput
from testbed.halves.deployment import make_deployment
from testbed.model.torch_network import TorchNetwork
from testbed.points.code import digest_of, made_by
from testbed.points.store import Point
from testbed.training.process import torch_threads

DATASET = "shapes3d"
MODEL = ModelSection(backbone="mobilenet_v3_small", weights="bundled")
TOGETHER = 5_000
"""Images of a point: what an interruption costs at most."""
RESULT = "judgements"
CODE = "testbed.choice.judge"
"""What decides about answers, besides the network."""

Part = tuple[int, int]
"""First image and the one after the last."""


def entries(network: TorchNetwork) -> tuple[DeploymentEntry, ...]:
    """The published cut with every codec for features that the network has tables for, and its
    input with every codec for images; each codec as it is without options.
    """
    asked: list[Any] = [{"split": {"codec": name}} for name in codecs_of("features")]
    asked += [{"remote": {"codec": name, "resize": "model"}} for name in codecs_of("image")]
    return tuple(entry for entry in entries_of(asked) if _can_be_made(entry, network))


def is_lossless(entry: DeploymentEntry) -> bool:
    """Whether what crosses is the same bits behind the link."""
    section = codec_section_of(entry)
    return section is not None and CODECS[section.codec].lossless


def points(images: int) -> list[Point[Part]]:
    """The parts of the first so many test images, as work to do."""
    about = {
        "network": network().identity,
        "dataset": f"{DATASET}-test",
        "made_by": dict(made_by(CODE)),
    }
    found = []
    for start in range(0, images, TOGETHER):
        part = (start, min(start + TOGETHER, images))
        described = about | {"images": list(part)}
        found.append(Point(digest_of(described), part, described, float(part[1] - start)))
    return found


def judge_part(part: Part) -> dict[str, Any]:
    """A judgement of each entry, by its name, as plain values. On one thread."""
    with torch_threads(1):
        net = network()
        deployments = [make_deployment(entry, net) for entry in entries(net)]
        dataset = open_dataset(DATASET, "test", tasks=net.tasks)
        judged = judge(net, deployments, dataset, range(*part))
    return {one.name: asdict(one) for one in judged}


@lru_cache(maxsize=1)
def network() -> TorchNetwork:
    """The weights that ship, on one thread."""
    return TorchNetwork.load(MODEL, DATASETS[DATASET], seed=0, threads=1)


def added_up(name: str, parts: Sequence[Mapping[str, Any]]) -> Judgement:
    """One deployment over the images of all parts."""
    of = [part[name] for part in parts]
    whole = Judgement(name, {})
    for task in of[0]["tasks"]:
        counts = of[0]["tasks"][task]
        whole.tasks[task] = TaskCounts(
            **{key: sum(one["tasks"][task][key] for one in of) for key in counts}
        )
    whole.images = sum(one["images"] for one in of)
    whole.total_bytes = sum(one["total_bytes"] for one in of)
    return whole


def _can_be_made(entry: DeploymentEntry, net: TorchNetwork) -> bool:
    try:
        make_deployment(entry, net)
    except BadInput:  # its tables are not in the network's file
        return False
    return True
