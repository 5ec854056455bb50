"""Rule of measurement: cut in two, the network computes what it does whole, on this run's images.

Checked before the first request, across the real link, with whatever codec is lossless: what a
deployment's own lossy codec changes is accuracy, which the run measures, and not an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from testbed.codecs.fp32 import Fp32
from testbed.errors import PeerLost, TestbedError
from testbed.halves.client import Client
from testbed.halves.deployment import Deployment
from testbed.lifecycle.messages import Reply, Request
from testbed.network import Image, Network, flatten_logits

ABSOLUTE_TOLERANCE = 1e-4
"""Two machines may round differently; on one machine the difference is expected to be exactly 0."""
_FIRST_CHECK_ID = 2**62
_SCORE = np.dtype("<f4")


class CutMismatch(TestbedError):
    """The two halves together do not compute what the whole network computes."""


@dataclass(frozen=True, slots=True)
class CutCheck:
    """What one deployment's check found. codec: the lossless one it was done with."""

    deployment: str
    codec: str | None
    images: int
    max_abs_difference: float


def check_cut(
    network: Network,
    client: Client,
    deployments: Sequence[Deployment],
    images: Sequence[Image],
    answer_s: Callable[[int], float],
) -> tuple[CutCheck, ...]:
    """Compare the halves with the whole network on `images`, for each deployment that can be.

    What the chain of blocks gives by way of the deployment's cut, against the network's own forward
    pass. Features cross as fp32; images only where the deployment's own codec is lossless; where
    the edge shrinks them, the whole network gets them shrunk as well. answer_s: how long to wait
    for the answer to a payload of so many bytes. Raises CutMismatch, or PeerLost without an answer.
    """
    checks = []
    for deployment in deployments:
        lossless = _lossless(deployment)
        if lossless is None:
            continue
        worst = 0.0
        for number, image in enumerate(images):
            expected = flatten_logits(network.full(deployment.shrunk(image)))
            found = _halves(network, client, lossless, image, _FIRST_CHECK_ID + number, answer_s)
            if found.shape != expected.shape:
                raise CutMismatch(f"{deployment.name}: {found.size} scores for {expected.size}")
            worst = float(np.maximum(worst, np.abs(found - expected).max()))  # NaN stays NaN
        if not worst <= ABSOLUTE_TOLERANCE:
            raise CutMismatch(
                f"{deployment.name}: cut in two, the network differs from the whole by {worst:g}, "
                f"allowed: {ABSOLUTE_TOLERANCE:g}"
            )
        codec = lossless.codec.name if lossless.codec else None
        checks.append(CutCheck(deployment.name, codec, len(images), worst))
    return tuple(checks)


def _lossless(deployment: Deployment) -> Deployment | None:
    """The deployment with a codec that changes nothing, or None where that is not its cut."""
    codec = deployment.codec
    if codec is None or codec.lossless:
        return deployment
    return replace(deployment, codec=Fp32()) if codec.content == "features" else None


def _halves(
    network: Network,
    client: Client,
    deployment: Deployment,
    image: Image,
    number: int,
    answer_s: Callable[[int], float],
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Class scores by way of the cut: here where nothing crosses the link, else across it."""
    activation = deployment.compute(network, image)
    if not deployment.crosses_link:
        return flatten_logits(activation)
    payload = deployment.encode(activation)
    wait_s = answer_s(memoryview(payload.buffer).nbytes)
    client.submit(Request(number, deployment.cut_name, payload, want_logits=True))
    received = client.receive(perf_counter() + wait_s)
    if received is None:
        raise PeerLost("the server half went silent while the cut was checked")
    reply = received.message
    if not isinstance(reply, Reply) or reply.id != number or reply.logits is None:
        raise CutMismatch(f"{deployment.name}: the server half could not run its part")
    if len(reply.logits) % _SCORE.itemsize:
        raise CutMismatch(f"{deployment.name}: {len(reply.logits)} bytes are no scores")
    return np.frombuffer(reply.logits, _SCORE).astype(np.float32)
