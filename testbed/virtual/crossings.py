"""What deployments of one network send of some images, and what is answered."""

from collections.abc import Sequence
from typing import Protocol

from testbed.halves.deployment import BehindCuts, Deployment
from testbed.halves.workload import Sample
from testbed.network import Activation, Image, Network, predict

Row = tuple[tuple[int, ...], int, tuple[int, ...]]
"""Of one image: shape and bytes of what crosses, and the classes answered."""


class Crossings(Protocol):
    """Of one network and some images."""

    def of(self, deployment: Deployment) -> list[Row]:
        """A row an image."""
        ...


class OwnAnswers:
    """Each deployment answers what comes out behind its codec."""

    def __init__(self, network: Network, samples: Sequence[Sample]) -> None:
        self._network, self._samples = network, samples

    def of(self, deployment: Deployment) -> list[Row]:
        """A row an image."""
        behind = BehindCuts(self._network)
        return [self._row(deployment, behind, sample.image) for sample in self._samples]

    def _row(self, deployment: Deployment, behind: BehindCuts, image: Image) -> Row:
        activation = deployment.compute(self._network, image)
        if deployment.codec is None:
            return (), 0, predict(activation)
        payload = deployment.encode(activation)
        array = behind.decode(deployment.cut_name, payload)
        answer = predict(behind.finish(deployment.cut_name, array))
        return payload.shape, memoryview(payload.buffer).nbytes, answer


class WholeAnswers:
    """Each answers what the whole network does, so nothing is decoded, nor computed behind a cut.

    What crosses at a cut is computed once for all codecs, as long as one such deployment comes
    after the other: to keep it of all cuts would take too much memory.
    """

    def __init__(self, network: Network, samples: Sequence[Sample]) -> None:
        self._network, self._samples = network, samples
        self._answers: list[tuple[int, ...]] = []
        self._at: tuple[int, int] | None = None
        self._crossing: list[Activation] = []

    def of(self, deployment: Deployment) -> list[Row]:
        """A row an image."""
        if not self._answers:
            self._answers = [predict(self._network.full(one.image)) for one in self._samples]
        if deployment.codec is None:
            return [((), 0, answer) for answer in self._answers]
        at = (deployment.cut, deployment.resize_px)
        if at != self._at:
            self._at = at
            images = (sample.image for sample in self._samples)
            self._crossing = [deployment.compute(self._network, image) for image in images]
        payloads = [deployment.encode(array) for array in self._crossing]
        return [
            (payload.shape, memoryview(payload.buffer).nbytes, answer)
            for payload, answer in zip(payloads, self._answers, strict=True)
        ]
