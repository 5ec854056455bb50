"""What the figures of the memory study say of the published claims.

The published figures stand beside everything computed that could be meant by them.
"""

from collections.abc import Iterator
from itertools import combinations, product

import pandas as pd

from testbed.paper import claims
from testbed.paper.memory import cases
from testbed.paper.sizes import FLOAT32_BYTES, Size
from testbed.paper.verdict import Verdict
from testbed.paper.verdict import held as word_of

NEAR_SHARE = 0.05
"""A measured share this near to a published one confirms it: five points."""

GIGABYTE = 1e9
PRECISIONS = {"fp16": 0.5, "int8": 0.25}
"""Bytes of a value as a share of float32's. What a process needs is scaled by it: a lower bound,
as nothing here runs at these precisions."""

SURE = "peak of fresh processes on one machine, medians; repeats differ by a few per cent"
NOT_MEASURED = "not at all: not measured"

MEANT = ("faces", "vgg16")
"""Workload and backbone whose weights give the published share (`table`)."""


def byte_candidates() -> dict[str, float]:
    """Quantity -> bytes, for the paper's backbones at every size of input."""
    found: dict[str, float] = {}
    for where, backbone, size, held in _held():
        tool = cases.summary_tool_bytes(backbone, size)
        image = size.values * FLOAT32_BYTES
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
    for where, _, _, held in _held():
        for more, less in combinations(held, 2):  # each holds less than those before it
            few, many, words = held[less], held[more], f"{less} for {more}"
            weights = 1 - few.weights_bytes / many.weights_bytes
            found[f"{where}, weights, {words}"] = weights
            found[f"{where}, weights and activations, {words}"] = (
                1 - few.total_bytes / many.total_bytes
            )
    return found


def table() -> pd.DataFrame:
    """One row for each quantity that is printed as one of the published figures."""
    return claims.explained(
        (claims.MEMORY_LARGE, byte_candidates()),
        (claims.MEMORY_SMALL, byte_candidates()),
        (claims.MEMORY_SHARE, share_candidates()),
    )


def _held() -> Iterator[tuple[str, str, Size, dict[cases.Deployment, cases.Footprint]]]:
    """A case in words, its backbone and size, and what each deployment holds."""
    for workload, backbone in product(
        (*cases.WORKLOADS, cases.FULL_RESOLUTION), claims.PAPER_BACKBONES
    ):
        of = {d: cases.footprint(cases.Case(workload, backbone, d)) for d in cases.DEPLOYMENTS}
        yield f"{backbone}, {workload.name} at {workload.size}", backbone, workload.size, of


def verdicts(usual: pd.DataFrame, full: pd.DataFrame) -> list[Verdict]:
    """The verdicts on memory. usual, full: the study's tables, see `study.py`."""
    return [_less(usual), _saved(usual), _full_resolution(full)]


def saved_shares(frame: pd.DataFrame, column: str, less: str, more: str) -> pd.Series:
    """1 - less/more of a column, for each workload and backbone; rows without a value are out."""
    wide = frame.pivot(index=["workload", "backbone"], columns="deployment", values=column)
    return (1 - wide[less].astype(float) / wide[more].astype(float)).dropna()


def _less(usual: pd.DataFrame) -> Verdict:
    for_one = saved_shares(usual, "measured_above_torch_bytes", "sc", "mtl")
    for_many = saved_shares(usual, "measured_above_torch_bytes", "sc", "stl")
    measured = f"weights alone: {_range(saved_shares(usual, 'weights_bytes', 'sc', 'mtl'))} less"
    if not for_one.empty:
        measured = (
            f"process memory above torch: {_range(for_one)} less than one network for all tasks, "
            f"{_range(for_many)} less than a network for each; {measured} than one network"
        )
    why = (
        "the heads stay with the server, and they are large, as each starts with "
        "Linear(C*h*w, 256); how large depends on backbone and input"
    )
    if for_one.empty:
        return Verdict(claims.MEMORY_LESS, measured, "not testable here", why, NOT_MEASURED)
    less = bool(for_one.min() > 0 and for_many.min() > 0)
    return Verdict(claims.MEMORY_LESS, measured, word_of(less, not less), why, SURE)


def _saved(usual: pd.DataFrame) -> Verdict:
    """On the one case whose weights give the published share: does its process save that too?"""
    weights = saved_shares(usual, "weights_bytes", "sc", "mtl").get(MEANT)
    process = saved_shares(usual, "measured_above_torch_bytes", "sc", "mtl").get(MEANT)
    why = (
        f"{claims.sentence(claims.MEMORY_SHARE, share_candidates())}. A process also needs "
        "activations, torch's scratch memory and torch itself. Shares are of counts of values, so "
        "the computed ones are the same at fp16 and at int8; processes are float32"
    )
    if weights is None or process is None:
        return Verdict(
            claims.MEMORY_SAVED,
            "that case was not measured",
            "not testable here",
            why,
            NOT_MEASURED,
        )
    near = bool(abs(process - claims.MEMORY_SHARE.amount / 100) <= NEAR_SHARE)
    return Verdict(
        claims.MEMORY_SAVED,
        f"{' on '.join(reversed(MEANT))}: {_percent(weights)} of the weights, at any precision; "
        f"{_percent(process)} of the process memory above torch",
        word_of(near, not near),
        why,
        f"{SURE}; which case the figure is of is a guess: about one in a hundred candidates agrees "
        "by chance",
    )


def _full_resolution(full: pd.DataFrame) -> Verdict:
    backbone_only = full[full["deployment"] == "sc"].set_index("backbone")
    measured = backbone_only["measured_above_torch_bytes"].astype(float)
    needed = measured.fillna(backbone_only["computed_bytes"].astype(float))
    words = ", ".join(
        f"{name} {needed[name] / 1e9:.2g} GB{'' if measured.notna()[name] else ' (computed)'}"
        for name in needed.index
    )
    paper = [name for name in claims.PAPER_BACKBONES if name in needed.index]
    large = [name for name in paper if needed[name] >= GIGABYTE]
    smaller = {
        precision: sum(needed[name] * share >= GIGABYTE for name in paper)
        for precision, share in PRECISIONS.items()
    }
    found = (
        f"the backbone alone: {words}; of the paper's {len(paper)}, "
        + " and ".join(f"at {name} {count}" for name, count in smaller.items())
        + " would still need 1 GB"
    )
    why = (
        f"{len(large)} of the paper's {len(paper)} backbones need 1 GB or more. "
        f"{claims.sentence(claims.MEMORY_LARGE, byte_candidates())}. That tool adds up the outputs "
        "of all layers as if all were kept, twice; inference frees them as it goes (see the "
        "notes). As for the other: "
        f"{claims.sentence(claims.MEMORY_SMALL, byte_candidates())}"
    )
    if not paper:
        return Verdict(claims.MEMORY_FULL_RESOLUTION, found, "not testable here", why, NOT_MEASURED)
    word = word_of(bool(large), not large)
    return Verdict(claims.MEMORY_FULL_RESOLUTION, found, word, why, f"{SURE}; one image, float32")


def _range(shares: pd.Series) -> str:
    return f"{_percent(shares.min())} to {_percent(shares.max())}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
