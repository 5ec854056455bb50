"""What N tasks cost on one shared backbone, and as N single-task networks.

Memory is counted, computing is measured in this process (one thread, one image, medians of
processor time, which other programs do not lengthen), the network's share is the ideal link's: one
round trip and the bytes at the link's rate, no headers, losses or slow start. Beside that stand
real runs of the testbed: emulated link, two processes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import thread_time
from typing import Any

import torch

from emulation.errors import EmulationError
from emulation.host.owned import scratch_folder
from testbed.config.scenario_file import load_scenario
from testbed.data.factors import FACTORS
from testbed.errors import TestbedError, one_line
from testbed.model.checkpoint import random_net
from testbed.model.footprint import parameter_bytes
from testbed.model.mtl import MtlNet
from testbed.paper.links import IdealLink, scenario_file
from testbed.paper.sizes import FLOAT32_BYTES
from testbed.sweep.work import on_the_wall_clock
from testbed.training.process import torch_threads

REQUESTS = 40


@dataclass(frozen=True)
class Cost:
    """One way to serve `tasks` tasks. edge_s and server_s: of all its networks, one after another.

    edge_bytes: weights on the device. sent_bytes: features of one image, float32.
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
    image = torch.zeros(1, 3, input_px, input_px)
    features = multi[0].head(image)
    tails = [partial(net.tail, features) for net in (*multi, *single)]
    head_s, *tails_s = _medians([partial(multi[0].head, image), *tails], rounds)
    tail_s = dict(zip((*multi, *single), tails_s, strict=True))
    return [
        Cost(
            way=way,
            tasks=count,
            edge_bytes=sum(parameter_bytes(net.shared) for net in nets),
            server_bytes=sum(parameter_bytes(net.heads) for net in nets),
            sent_bytes=len(nets) * features.numel() * FLOAT32_BYTES,
            edge_s=len(nets) * head_s,
            server_s=sum(tail_s[net] for net in nets),
        )
        for count in range(1, len(tasks) + 1)
        for way, nets in (("MTL", [multi[count - 1]]), ("STL x N", single[:count]))
    ]


def _net(backbone: str, tasks: Sequence[str], input_px: int) -> MtlNet:
    net = random_net(backbone, {task: FACTORS[task] for task in tasks}, input_px, seed=0)
    return net.eval().requires_grad_(False)


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


def run_split(
    link: str, backbone: str, tasks: Sequence[str], input_px: int, say: Callable[[str], None]
) -> dict[str, Any] | None:
    """A run of the split deployment in the scenario `link`; None, and said, where there is none.

    A row of the study's table, with a request's median latency and payload upward. Weights are
    random: time and bytes do not depend on their values.
    """
    settings = {
        "model.backbone": backbone,
        "model.weights": "random",
        "model.tasks": f"[{', '.join(tasks)}]",
        "model.input_px": input_px,
        "deployments": "[split: {codec: fp32}]",
        "workload.requests": REQUESTS,
        "repeats": 1,
        # The host computes, as where the costs were timed, not the scenario's devices.
        "edge.device": "host",
        "server.device": "host",
    }
    scenario = load_scenario(scenario_file(link), [f"{k}={v}" for k, v in settings.items()])
    try:
        with scratch_folder() as folder:
            summary = on_the_wall_clock(scenario, "auto", folder / "run")
    except (TestbedError, EmulationError) as error:
        say(f"skipped: a run over {link} with {len(tasks)} tasks: {one_line(error)}")
        return None
    split = summary["deployments"][0]
    if split["latency_ms"]["p50"] is None:
        return None
    return {
        "link": link,
        "backend": summary["backend"],
        "tasks": len(tasks),
        "answered": f"{split['requests'] - split['lost']}/{split['requests']}",
        "payload kB": split["payload_bytes"]["up"] / 1e3,
        "run p50 ms": split["latency_ms"]["p50"],
    }
