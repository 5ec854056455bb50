"""How right a network is through each deployment, and how many bytes cross, over many images.

What a deployment answers depends on its cut and its codec alone, so no link and no clock is needed.
Every deployment is judged on the same images as the whole network is, and beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from testbed.codecs.codec import Array
from testbed.data.dataset import Dataset
from testbed.halves.deployment import BehindCuts, Deployment
from testbed.lifecycle.messages import Payload
from testbed.model.torch_network import TorchNetwork
from testbed.network import Image

CHUNK = 32
IMAGES_UNTIL = 1
"""Up to this cut images cross (the first block resizes them), behind it features."""
Z = 1.959964
"""Of a normal distribution, 95 % lies within so many standard deviations."""

Classes = NDArray[np.int64]
"""(images, tasks)."""


@dataclass
class TaskCounts:
    """Of one task. right: answers. lost, gained: right only by the whole network, only by this
    deployment. agreed: alike, right or wrong.
    """

    right: int = 0
    lost: int = 0
    gained: int = 0
    agreed: int = 0

    def add(self, found: Classes, whole: Classes, true: Classes) -> None:
        """(images,) classes of some: by this deployment, by the whole network, the true ones."""
        right, right_whole = found == true, whole == true
        self.right += int(right.sum())
        self.lost += int((right_whole & ~right).sum())
        self.gained += int((right & ~right_whole).sum())
        self.agreed += int((found == whole).sum())

    def loss(self, images: int) -> tuple[float, float, float]:
        """Accuracy lost against the whole network, 0..1, and its 95 % interval.

        Paired: both saw the same images, so only those count on which one of them alone is right
        (Newcombe, "Improved confidence intervals for the difference between binomial proportions
        based on paired data", 1998, method 1, with half an image more on either side).
        """
        lost, gained = self.lost + 0.5, self.gained + 0.5
        middle = (self.lost - self.gained) / images
        half = Z * sqrt(max(lost + gained - (lost - gained) ** 2 / images, 0.0)) / images
        return middle, middle - half, middle + half


def share_interval(right: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson, 1927): never without width, never outside 0..1."""
    share, weight = right / of, Z * Z / of
    middle = (share + weight / 2) / (1 + weight)
    half = Z * sqrt(share * (1 - share) / of + weight / (4 * of)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass
class Judgement:
    """One deployment over all images. tasks: name -> counts. Bytes are of payloads.

    shape: of what crosses, of the first image; empty where nothing does.
    """

    name: str
    tasks: dict[str, TaskCounts]
    images: int = 0
    total_bytes: int = 0
    squared_bytes: float = 0.0
    least_bytes: float = inf
    most_bytes: int = 0
    shape: tuple[int, ...] = ()

    def add(self, payloads: Sequence[Payload]) -> None:
        """What some images were sent as."""
        sizes = [memoryview(payload.buffer).nbytes for payload in payloads]
        self.shape = self.shape or payloads[0].shape
        self.images += len(sizes)
        self.total_bytes += sum(sizes)
        self.squared_bytes += sum(size * size for size in sizes)
        self.least_bytes = min(self.least_bytes, *sizes)
        self.most_bytes = max(self.most_bytes, *sizes)

    @property
    def mean_bytes(self) -> float:
        """Of one image."""
        return self.total_bytes / self.images

    @property
    def spread_bytes(self) -> float:
        """Standard deviation from image to image."""
        return sqrt(max(self.squared_bytes / self.images - self.mean_bytes**2, 0.0))

    def agreement(self) -> float:
        """Share of answers that are the whole network's, of the task with fewest."""
        return min(task.agreed for task in self.tasks.values()) / self.images

    def worst_loss(self) -> tuple[float, float, float]:
        """Of the task that loses most: accuracy lost and its interval; see `TaskCounts.loss`.

        Where nothing crosses it is the whole network.
        """
        if not self.most_bytes:
            return 0.0, 0.0, 0.0
        return max(task.loss(self.images) for task in self.tasks.values())


def judge(
    network: TorchNetwork,
    deployments: Sequence[Deployment],
    dataset: Dataset,
    indices: Sequence[int],
    done: Callable[[int], object] = lambda images: None,
) -> list[Judgement]:
    """One judgement a deployment, in their order, over the images of those indices.

    done: told how many images have been dealt with since it was last told. Raises BadInput for an
    image that cannot be read, ProtocolError for a codec that cannot hold what crosses.
    """
    behind = BehindCuts(network)
    cuts = sorted({one.cut for one in deployments if one.cut > IMAGES_UNTIL})
    judged = [
        Judgement(one.name, {task: TaskCounts() for task in network.tasks}) for one in deployments
    ]
    for start in range(0, len(indices), CHUNK):
        numbers = indices[start : start + CHUNK]
        images = [dataset.image(number) for number in numbers]
        labels = [dataset.labels(number) for number in numbers]
        true = np.array([[each[task] for task in network.tasks] for each in labels])
        features, whole = _whole(network, images, cuts)
        for one, judgement in zip(deployments, judged, strict=True):
            sent = features.get(one.cut, whole) if one.cut > IMAGES_UNTIL else images
            found, payloads = _through(network, behind, one, sent)
            judgement.add(payloads)
            for place, counts in enumerate(judgement.tasks.values()):
                counts.add(found[:, place], whole[:, place], true[:, place])
        done(len(numbers))
    return judged


def _whole(
    network: TorchNetwork, images: Sequence[Image], cuts: Sequence[int]
) -> tuple[dict[int, Array], Classes]:
    """Features of the images at each cut, and what the whole network says of them."""
    x = np.stack([np.asarray(network.run(image, 0, IMAGES_UNTIL)) for image in images])
    at, features = IMAGES_UNTIL, dict[int, Array]()
    for cut in cuts:
        if cut < len(network.blocks):
            x, at = network.run_batch(x, at, cut), cut
            features[cut] = x
    return features, network.classes(x, at)


def _through(
    network: TorchNetwork,
    behind: BehindCuts,
    deployment: Deployment,
    sent: Sequence[Image] | Array,
) -> tuple[Classes, list[Payload]]:
    """Classes that come out where these images or features cross, and what each was sent as.

    Where nothing crosses, `sent` are the classes already.
    """
    if not deployment.crosses_link:
        return np.asarray(sent), [Payload("", (), b"")] * len(sent)
    cut, payloads, came = deployment.cut, list[Payload](), list[Array]()
    for each in sent:
        crossing = each[None] if cut > IMAGES_UNTIL else deployment.compute(network, each)
        payloads.append(deployment.encode(crossing))
        array = behind.decode(deployment.cut_name, payloads[-1])
        came.append(np.asarray(network.run(array, cut, IMAGES_UNTIL)) if not cut else array)
    if cut > IMAGES_UNTIL:
        return network.classes(np.concatenate(came), cut), payloads
    return network.classes(np.stack(came), IMAGES_UNTIL), payloads
