"""Accuracies and bytes of deployments, kept: judging thousands of images takes minutes.

A file holds the judgements of one network on so many images of one data set, by the name of each
deployment, under a digest of what they depend on: weights, codecs' tables, images, and the code of
codecs and camera. Those of weights that ship lie beside them (`testbed codecs --keep-in`);
others are kept below results/.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

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
from testbed.runs.environment import command_line

KEPT = Path("results") / "codecs"
SHIPPED = BUNDLED / "codecs"
RESULT = "judgements"
SEED = 20_240_705
USUAL = 600
"""Images judged for a choice, where no table ships with the weights."""
_CODE = ("testbed.codecs", "testbed.data.camera")
"""What decides about bytes and answers, besides what is described: networks and data sets are known
by what they are called, weights by their digest.
"""
_WITHOUT = ("testbed.errors", "testbed.config", "emulation")
"""Of what they import: what says how bad input is told."""
_ROWS: TypeAdapter[dict[str, Judgement]] = TypeAdapter(dict[str, Judgement])

Done = Callable[[int], object]


class Subject(NamedTuple):
    """What judgements are of. described: all that they depend on, and can be read. versions: of the
    packages that computed them; another one may code an image in some bytes more or less, so what
    is kept is made again, while what ships is good for all.
    """

    described: Mapping[str, Any]
    versions: Mapping[str, str]

    def digest(self, images: int) -> str:
        """What a file of so many images is called."""
        return f"{digest_of(self.described)}-{images}"


def images_for(network: TorchNetwork, dataset: Dataset, asked: int | None) -> int:
    """How many are judged for a choice: as asked; else as many as a table that ships has; else
    USUAL, or all there are.
    """
    subject = _subject(network, dataset)
    shipped = SHIPPED.glob(f"{digest_of(subject.described)}-*.json")
    most = max((int(file.stem.rpartition("-")[2]) for file in shipped), default=USUAL)
    return min(asked or most, len(dataset))


def table_of(
    network: TorchNetwork,
    entries: Sequence[DeploymentEntry],
    dataset: Dataset,
    images: int,
    done: Done = lambda images: None,
    keep_in: Path = KEPT,
) -> list[Judgement]:
    """A judgement an entry, in their order: found, or made now and kept with the others.

    images: how many, drawn alike each time. done: as for `judge`; not called for what was found.
    Raises BadInput as `judge` and `make_deployment` do.
    """
    subject = _subject(network, dataset)
    digest = subject.digest(images)
    kept = PointStore(keep_in, RESULT)
    found = {**_found(PointStore(SHIPPED, RESULT), digest), **_found(kept, digest, subject)}
    missing = [entry for entry in entries if identity_of(entry).name not in found]
    if missing:
        began_s = perf_counter()
        deployments = [make_deployment(entry, network) for entry in missing]
        judged = judge(network, deployments, dataset, _drawn(len(dataset), images), done)
        found |= {one.name: one for one in judged}
        value = {
            "versions": dict(subject.versions),
            "rows": {name: asdict(one) for name, one in found.items()},
        }
        described = {**subject.described, "images": images, "command": command_line(sys.argv)}
        result = PointResult(digest, value, None, perf_counter() - began_s, 0)
        kept.keep(Point(digest, None, described), result)
    return [found[identity_of(entry).name] for entry in entries]


def _found(
    store: PointStore, digest: str, made_like: Subject | None = None
) -> dict[str, Judgement]:
    """Judgements by name. made_like: only what packages of the same versions made."""
    kept = store.find(digest)
    value = kept.value if kept is not None else None
    if value is None or (made_like and value.get("versions") != made_like.versions):
        return {}
    return _ROWS.validate_python(value["rows"])


def _drawn(total: int, images: int) -> list[int]:
    if images >= total:
        return list(range(total))
    drawn: list[int] = np.sort(np.random.default_rng(SEED).permutation(total)[:images]).tolist()
    return drawn


def _subject(network: TorchNetwork, dataset: Dataset) -> Subject:
    made = dict(made_by(*_CODE, without=_WITHOUT))
    described = {
        "network": network.identity,
        "tables": tables_identity(network.tables),
        "dataset": dataset.describe(),
        "code": made.pop("code"),
    }
    return Subject(described, made)
