"""The published figures of memory beside everything computed that could be meant by them."""

from collections.abc import Iterator
from itertools import product

import pandas as pd

from testbed.paper.claims import MEMORY_LARGE, MEMORY_SHARE, MEMORY_SMALL, PAPER_BACKBONES
from testbed.paper.explain import explained
from testbed.paper.memory.cases import (
    DEPLOYMENTS,
    FULL_RESOLUTION,
    WORKLOADS,
    Case,
    Deployment,
    Footprint,
    Workload,
    footprint,
    summary_tool_bytes,
)
from testbed.paper.sizes import FLOAT32_BYTES

KINDS = {"weights": "weights_bytes", "weights and activations": "total_bytes"}
PAIRS: tuple[tuple[Deployment, Deployment], ...] = (("stl", "mtl"), ("stl", "sc"), ("mtl", "sc"))


def byte_candidates() -> dict[str, float]:
    """Quantity -> bytes, for the paper's backbones at every size of input."""
    found: dict[str, float] = {}
    for workload, backbone, held in _held():
        where = f"{backbone}, {workload.name} at {workload.size}"
        tool = summary_tool_bytes(backbone, workload.size)
        image = workload.size.values * FLOAT32_BYTES
        found[f"{where}, torchsummary's forward/backward pass size"] = tool
        found[f"{where}, activations at their peak"] = held["sc"].peak_bytes
        for deployment, of in held.items():
            found[f"{where}, weights of {deployment}"] = of.weights_bytes
            found[f"{where}, weights and activations of {deployment}"] = of.total_bytes
            estimate = image + tool + of.weights_bytes
            found[f"{where}, torchsummary's estimated total size of {deployment}"] = estimate
    return found


def share_candidates() -> dict[str, float]:
    """Quantity -> share saved, for the paper's backbones at every size of input."""
    found: dict[str, float] = {}
    for workload, backbone, held in _held():
        for (kind, attribute), (more, less) in product(KINDS.items(), PAIRS):
            name = f"{backbone}, {workload.name} at {workload.size}, {kind}, {less} for {more}"
            found[name] = 1 - getattr(held[less], attribute) / getattr(held[more], attribute)
    return found


def _held() -> Iterator[tuple[Workload, str, dict[Deployment, Footprint]]]:
    for workload, backbone in product((*WORKLOADS, FULL_RESOLUTION), PAPER_BACKBONES):
        of = {d: footprint(Case(workload, backbone, d)) for d in DEPLOYMENTS}
        yield workload, backbone, of


def table() -> pd.DataFrame:
    """One row for each quantity that is printed as one of the published figures."""
    return explained(
        (MEMORY_LARGE, byte_candidates()),
        (MEMORY_SMALL, byte_candidates()),
        (MEMORY_SHARE, share_candidates()),
    )
