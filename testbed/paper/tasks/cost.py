"""What N tasks cost on one shared backbone, and as N single-task networks.

Memory is counted, computing is measured in this process (one thread, one image, medians of
processor time, which other programs do not lengthen), the network's share is the ideal link's: one
round trip and the bytes at the link's rate, no headers, losses or slow start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import thread_time

import torch

from testbed.data.factors import FACTORS
from testbed.model.checkpoint import random_net
from testbed.model.footprint import parameter_bytes
from testbed.model.mtl import MtlNet
from testbed.paper.links import IdealLink
from testbed.training.process import torch_threads

BYTES_A_VALUE = 4  # features cross as float32


@dataclass(frozen=True)
class Cost:
    """One way to serve `tasks` tasks. edge_s and server_s: of all its networks, one after another.

    edge_bytes: weights on the device. sent_bytes: features of one image.
    """

    way: str
    tasks: int
    edge_bytes: int
    server_bytes: int
    sent_bytes: int
    edge_s: float
    server_s: float

    def latency_s(self, link: IdealLink) -> float:
        """From image to answers over an ideal link, with the edge `link.slowdown` times slower.

        N single-task networks may send all they have at once: they too pay one round trip.
        """
        sending_s = link.sending_s(self.sent_bytes)
        return self.edge_s * link.slowdown + sending_s + link.rtt_s + self.server_s


def costs(backbone: str, tasks: Sequence[str], input_px: int, rounds: int) -> list[Cost]:
    """Of the first 1, 2, ... of `tasks`, both ways; `rounds` timings of each part.

    Weights are random: neither memory nor time depends on their values.
    """
    multi = [_net(backbone, tasks[: count + 1], input_px) for count in range(len(tasks))]
    single = [_net(backbone, [task], input_px) for task in tasks]
    features = multi[0].head(torch.zeros(1, 3, input_px, input_px))
    head_s, *tails_s = _medians(
        [
            lambda: multi[0].head(torch.zeros(1, 3, input_px, input_px)),
            *((lambda net=net: net.tail(features)) for net in [*multi, *single]),
        ],
        rounds,
    )
    multi_s, single_s = tails_s[: len(multi)], tails_s[len(multi) :]
    found = []
    for count in range(1, len(tasks) + 1):
        found += [
            _cost("MTL", count, [multi[count - 1]], features.numel(), head_s, multi_s[count - 1]),
            _cost(
                "STL x N", count, single[:count], features.numel(), head_s, sum(single_s[:count])
            ),
        ]
    return found


def _net(backbone: str, tasks: Sequence[str], input_px: int) -> MtlNet:
    net = random_net(backbone, {task: FACTORS[task] for task in tasks}, input_px, seed=0)
    return net.eval().requires_grad_(False)


def _cost(
    way: str, tasks: int, nets: Sequence[MtlNet], features: int, head_s: float, server_s: float
) -> Cost:
    return Cost(
        way=way,
        tasks=tasks,
        edge_bytes=sum(parameter_bytes(net.shared) for net in nets),
        server_bytes=sum(parameter_bytes(net.heads) for net in nets),
        sent_bytes=len(nets) * features * BYTES_A_VALUE,
        edge_s=len(nets) * head_s,
        server_s=server_s,
    )


@torch.inference_mode()
def _medians(parts: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Median processor seconds of each part; they take turns, so drift falls on all of them."""
    times: list[list[float]] = [[] for _ in parts]
    with torch_threads(1):
        for part in parts:
            part()  # warm up
        for _ in range(rounds):
            for part, of in zip(parts, times, strict=True):
                began = thread_time()
                part()
                of.append(thread_time() - began)
    return [median(of) for of in times]
