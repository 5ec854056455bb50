"""Accuracies and bytes of deployments, kept: judging thousands of images takes minutes.

Kept under a digest of what they depend on, below results/ for networks of one's own, beside the
weights for those that ship (`testbed codecs` writes both).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from testbed.choice.judge import Judgement, judge
from testbed.codecs.tables import tables_identity
from testbed.config.deployments import DeploymentEntry, identity_of
from testbed.data.dataset import Dataset
from testbed.halves.deployment import make_deployment
from testbed.model.choose import BUNDLED
from testbed.model.torch_network import TorchNetwork
from testbed.points.code import digest_of, made_by
from testbed.points.store import Point, PointResult, PointStore

KEPT = Path("results") / "codecs"
SHIPPED = BUNDLED / "codecs"
RESULT = "judgements"
SEED = 20_240_705
_CODE = ("testbed.codecs", "testbed.data.camera", "testbed.model.mtl")
"""What decides about bytes and answers, besides what is described."""
_JUDGEMENTS: TypeAdapter[list[Judgement]] = TypeAdapter(list[Judgement])

Done = Callable[[int], object]


def table_of(
    network: TorchNetwork,
    entries: Sequence[DeploymentEntry],
    dataset: Dataset,
    images: int | None,
    done: Done = lambda images: None,
    keep_in: Path = KEPT,
) -> list[Judgement]:
    """A judgement an entry, in their order: found, or made now and kept.

    images: how many, drawn alike each time; None takes all there are. done: as for `judge`; not
    called for what was found. Raises BadInput as `judge` and `make_deployment` do.
    """
    described = _described(network, entries, dataset, images)
    digest = digest_of(described)
    for folder in (SHIPPED, keep_in):
        found = PointStore(folder, RESULT).find(digest)
        if found is not None and found.value is not None:
            return _JUDGEMENTS.validate_python(found.value["rows"])
    began_s = perf_counter()
    deployments = [make_deployment(entry, network) for entry in entries]
    judged = judge(network, deployments, dataset, _drawn(len(dataset), images), done)
    value = {"rows": [asdict(one) for one in judged]}
    result = PointResult(digest, value, None, perf_counter() - began_s, 0)
    PointStore(keep_in, RESULT).keep(Point(digest, None, described), result)
    return judged


def _drawn(total: int, images: int | None) -> list[int]:
    if images is None or images >= total:
        return list(range(total))
    drawn: list[int] = np.sort(np.random.default_rng(SEED).permutation(total)[:images]).tolist()
    return drawn


def _described(
    network: TorchNetwork,
    entries: Sequence[DeploymentEntry],
    dataset: Dataset,
    images: int | None,
) -> Mapping[str, Any]:
    """All that the judgements depend on, and can be read."""
    return {
        "network": network.identity,
        "tables": tables_identity(network.tables),
        "dataset": dataset.describe(),
        "images": min(images or len(dataset), len(dataset)),
        "deployments": [identity_of(entry).name for entry in entries],
        "code": dict(made_by(*_CODE)),
    }
