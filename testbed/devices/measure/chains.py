"""The blocks of each backbone and the heads, one after the other as a half runs them."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch

from testbed.devices.measure.timing import median_s, rounded, steps_of
from testbed.devices.tables import BackboneCosts, Curve, at
from testbed.model.mtl import MtlNet
from testbed.model.normalise import to_input
from testbed.network import Image

SIZES_PX = (32, 64, 128, 224)
TASKS = {"scale": 8, "shape": 4}
FEW, MANY = 1, 9
"""Numbers of tiny heads whose difference tells what a task costs besides its weights."""


class Chain(NamedTuple):
    """One backbone at one size. times: of each of its blocks and all heads, each time they ran."""

    input_px: int
    head_weights: int
    blocks: tuple[str, ...]
    times: list[Sequence[float]]

    def medians_s(self) -> list[float]:
        """Of each block, the heads last."""
        return [rounded(median(column)) for column in zip(*self.times, strict=True)]


@torch.inference_mode()
def measure_chain(backbone: str, image: Image) -> Chain:
    """image: of the input's size. Weights are random: they do not change what a block takes."""
    torch.manual_seed(0)
    net = MtlNet(backbone, TASKS, image.shape[0]).eval()

    def run() -> list[float]:
        clock = [perf_counter()]
        x = net.normalise(to_input(image[None]).contiguous())
        for part in net.shared:
            x = part(x)
            clock.append(perf_counter())
        for scores in net.tail(x).values():
            np.asarray(scores[0].numpy())
        clock.append(perf_counter())
        return [after - before for before, after in pairwise(clock)]

    weights = sum(weight.numel() for weight in net.heads.parameters())
    return Chain(net.input_px, weights, net.shared.blocks, steps_of(run))


def costs_of(sizes: Sequence[Chain], head_s: float) -> tuple[BackboneCosts, float]:
    """One backbone's tables, and how far they are off between their sizes, as a share at most.

    sizes: the same chain at each of its sizes. head_s: from `measure_head`.
    """
    medians = [chain.medians_s() for chain in sizes]
    blocks = list(zip(*medians, strict=True))[:-1]
    costs = BackboneCosts(
        input_px=tuple(chain.input_px for chain in sizes),
        blocks=dict(zip(sizes[0].blocks, blocks, strict=True)),
        heads=tuple(
            (float(chain.head_weights), max(0.0, rounded(taken_s[-1] - head_s * len(TASKS))))
            for chain, taken_s in zip(sizes, medians, strict=True)
        ),
        head_s=head_s,
    )
    whole = tuple(
        (float(chain.input_px**2), sum(taken_s[:-1]))
        for chain, taken_s in zip(sizes, medians, strict=True)
    )
    return costs, left_out(whole)


def left_out(curve: Curve) -> float:
    """The largest error, as a share, of the table without a point at that point."""
    inner = range(1, len(curve) - 1)
    without = (at((*curve[:place], *curve[place + 1 :]), curve[place][0]) for place in inner)
    off = (
        abs(read / curve[place][1] - 1)
        for place, read in zip(inner, without, strict=True)
        if curve[place][1]  # too little for the clock to tell
    )
    return round(max(off, default=0.0), 3)


@torch.inference_mode()
def measure_head() -> float:
    """What one more head costs that has next to no weights."""
    features = torch.zeros(1, 512, 1, 1)

    def heads_s(count: int) -> float:
        net = MtlNet("resnet18", {str(n): 2 for n in range(count)}, 32, hidden=8).eval()
        return median_s(lambda: [scores[0].numpy() for scores in net.tail(features).values()])

    return rounded(max(0.0, heads_s(MANY) - heads_s(FEW)) / (MANY - FEW))
