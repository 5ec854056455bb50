"""How fast is the host really, beside the device it is to stand for? Every stage, without waiting.

Each half is asked before the first block and after the last one, which takes it a third of a second
a deployment where networks are quick. The server has no images: it works on something of the right
shape.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from statistics import median
from typing import TypeAlias

import numpy as np

from testbed.channel.survey import Probe, Probed, Timing
from testbed.codecs.codec import Array
from testbed.errors import HostOutOfTolerance, ProtocolError
from testbed.halves.deployment import BehindCuts, Deployment
from testbed.halves.machine import Clock
from testbed.halves.pacer import GRAIN_S, Stage, StageLaw
from testbed.lifecycle.messages import MAX_FRAME_BYTES, Payload
from testbed.network import Image, Network
from testbed.results.wording import milliseconds

RUNS, LEAST_RUNS, WARMUP = 15, 3, 2
BUDGET_S = 0.3
"""For one deployment in one half, once LEAST_RUNS are done."""

_WORDS: Mapping[Stage, str] = {
    "head": "head",
    "encode": "encoding",
    "fallback": "fallback",
    "decode": "decoding",
    "tail": "tail",
}
_AFTER_HEAD: Sequence[Stage] = ("encode", "fallback")
_CAMERA_NOISE = 2.5
"""In 8-bit levels, as a scenario has it by default: it decides how long images take to decode."""

Step: TypeAlias = tuple[float, float]
"""Seconds of one stage: of the host, and of the device."""


@dataclass(frozen=True, slots=True)
class HostStage:
    """What a probe found of one stage of one deployment; seconds, medians."""

    half: str
    deployment: str
    stage: Stage
    runs: int
    host_s: float
    device_s: float

    @property
    def too_slow(self) -> bool:
        """Whether the host cannot stand for the device."""
        return self.host_s > self.device_s + GRAIN_S

    def told(self) -> str:
        """Both times in words."""
        host, device = (milliseconds(time_s * 1e3) for time_s in (self.host_s, self.device_s))
        return (
            f"the {self.half}'s host takes {host} for the {_WORDS[self.stage]} of "
            f"{self.deployment}, the device {device}"
        )


def probe_edge(
    network: Network,
    device: StageLaw,
    deployments: Sequence[Deployment],
    images: Sequence[Image],
    clock: Clock,
    falls_back: bool = False,
) -> list[HostStage]:
    """Head and encoding of each deployment, and where the edge falls back what that takes it."""
    found = []
    for deployment in deployments:

        def run(number: int, deployment: Deployment = deployment) -> list[Step]:
            image = images[number % len(images)]
            return _edge_stages(network, device, deployment, image, clock, falls_back)

        head, *rest = _repeated(run, clock)
        if deployment.computes:
            found.append(HostStage("edge", deployment.name, "head", *head))
        for stage, timing in zip(_AFTER_HEAD, rest, strict=False):
            found.append(HostStage("edge", deployment.name, stage, *timing))
    return found


def probe_server(behind: BehindCuts, device: StageLaw, order: Probe, clock: Clock) -> Probed:
    """Decoding and tail. Raises ProtocolError for a cut, codec or shape that does not fit."""
    if prod(order.shape) > MAX_FRAME_BYTES:
        raise ProtocolError(f"shape {order.shape} is larger than a frame may be")
    cut, codec = behind.position(order.cut), behind.codec(order.cut, order.codec)
    try:
        encoded = codec.encode(_something(codec.content, order.shape))
    except Exception as error:  # a peer chose the shape
        raise ProtocolError(f"{order.cut}: shape {order.shape} does not fit: {error}") from error
    payload = Payload(order.codec, order.shape, encoded)

    def run(number: int) -> list[Step]:
        began_s = clock.now_s()
        array = behind.decode(order.cut, payload)
        decoded_s = clock.now_s()
        behind.finish(order.cut, array)
        done_s = clock.now_s()
        return [
            (decoded_s - began_s, device.decode_s(payload)),
            (done_s - decoded_s, device.tail_s(cut, order.shape)),
        ]

    return Probed(*_repeated(run, clock))


def require_fast_hosts(found: Sequence[HostStage], devices: Mapping[str, str]) -> None:
    """Raise HostOutOfTolerance where a host cannot stand for its half's device."""
    slow = [stage for stage in found if stage.too_slow]
    if not slow:
        return
    worst = max(slow, key=lambda stage: stage.host_s - stage.device_s)
    more = f" (and so for {len(slow) - 1} more stages)" if len(slow) > 1 else ""
    raise HostOutOfTolerance(
        f"too slow to stand for {devices[worst.half]}: {worst.told()}{more}; "
        "`testbed run --virtual` needs no host that fast"
    )


def _edge_stages(
    network: Network,
    device: StageLaw,
    deployment: Deployment,
    image: Image,
    clock: Clock,
    falls_back: bool,
) -> list[Step]:
    began_s = clock.now_s()
    activation = deployment.compute(network, image)
    head_s = clock.now_s() - began_s
    steps = [(head_s, device.head_s(deployment.cut, image.shape, deployment.resize_px))]
    if deployment.crosses_link:
        began_s = clock.now_s()
        payload = deployment.encode(activation)
        encode_s = clock.now_s() - began_s
        steps.append((encode_s, device.encode_s(payload)))
        if falls_back:
            began_s = clock.now_s()
            deployment.finish(network, image, activation)
            fallback_s = clock.now_s() - began_s
            start = deployment.finish_start(computed=True)
            steps.append((fallback_s, device.tail_s(start, image.shape)))
    return steps


def _something(content: str, shape: tuple[int, ...]) -> Array:
    """What crosses such a cut, made up: a picture with a camera's noise, or features, half of 0."""
    random = np.random.default_rng(0)
    if content == "features":
        return np.maximum(random.standard_normal(shape, np.float32), 0.0)
    height, width, _ = shape
    rows, columns = np.ogrid[:height, :width]
    slope = 64 + 96 * (rows / height + columns / width)
    noise = random.normal(0.0, _CAMERA_NOISE, shape)
    return np.clip(slope[..., None] + noise, 0, 255).astype(np.uint8)


def _repeated(run: Callable[[int], list[Step]], clock: Clock) -> list[Timing]:
    """The medians of each stage that `run` does, after some that warm up."""
    done: list[list[Step]] = []
    end_s = clock.now_s() + BUDGET_S
    for number in range(-WARMUP, RUNS):
        if len(done) >= LEAST_RUNS and clock.now_s() > end_s:
            break
        steps = run(number)
        if number >= 0:
            done.append(steps)
    return [
        Timing(len(done), median(host for host, _ in stage), median(law for _, law in stage))
        for stage in zip(*done, strict=True)
    ]
