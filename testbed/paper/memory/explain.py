"""The published figures of memory beside everything computed that could be meant by them."""

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
    for workload, backbone in product((*WORKLOADS, FULL_RESOLUTION), PAPER_BACKBONES):
        where = f"{backbone}, {workload.name} at {workload.size}"
        tool = summary_tool_bytes(backbone, workload.size)
        found[f"{where}, torchsummary's forward/backward pass size"] = tool
        found[f"{where}, activations at their peak"] = _footprint(
            workload, backbone, "sc"
        ).peak_bytes
        for deployment in DEPLOYMENTS:
            held = _footprint(workload, backbone, deployment)
            image = workload.size.values * FLOAT32_BYTES
            found[f"{where}, weights of {deployment}"] = held.weights_bytes
            found[f"{where}, weights and activations of {deployment}"] = held.total_bytes
            estimate = image + tool + held.weights_bytes
            found[f"{where}, torchsummary's estimated total size of {deployment}"] = estimate
    return found


def share_candidates() -> dict[str, float]:
    """Quantity -> share saved, for the paper's backbones at every size of input."""
    found: dict[str, float] = {}
    for workload, backbone in product((*WORKLOADS, FULL_RESOLUTION), PAPER_BACKBONES):
        for (kind, attribute), (more, less) in product(KINDS.items(), PAIRS):
            before = getattr(_footprint(workload, backbone, more), attribute)
            after = getattr(_footprint(workload, backbone, less), attribute)
            name = f"{backbone}, {workload.name} at {workload.size}, {kind}, {less} for {more}"
            found[name] = 1 - after / before
    return found


def table() -> pd.DataFrame:
    """One row for each quantity that is printed as one of the published figures."""
    return explained(
        (MEMORY_LARGE, byte_candidates()),
        (MEMORY_SMALL, byte_candidates()),
        (MEMORY_SHARE, share_candidates()),
    )


def _footprint(workload: Workload, backbone: str, deployment: Deployment) -> Footprint:
    return footprint(Case(workload, backbone, deployment))
