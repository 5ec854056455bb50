"""What crosses the link, and what comes out: computed once, in this process, without a clock.

Images, network and codecs are those of a run; only how long they take is not looked at.
"""

from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from testbed.config.deployments import DeploymentEntry, identity_of
from testbed.config.scenario import Scenario
from testbed.halves.deployment import make_deployment
from testbed.halves.workload import Sample, draw_samples, load_dataset
from testbed.model.load import fetch_weights, load_network
from testbed.network import Network
from testbed.points.code import digest_of
from testbed.virtual.crossings import Crossings, OwnAnswers, WholeAnswers
from testbed.virtual.repertoire import ROWS, DeploymentProfile, Repertoire, Stages

IMAGES = {"dataset", "data", "images", "camera_px", "camera_noise"}
"""Keys of a scenario's workload that say which images there are."""

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Crossing:
    """One deployment's rows.

    cut: blocks before it run on the edge. resize_px: as a deployment has it. shape: what crosses,
    decoded; empty where nothing does. predictions: task -> its class in every row.
    """

    cut: int
    resize_px: int
    cut_name: str
    codec: str | None
    shape: tuple[int, ...]
    payload_bytes: tuple[int, ...]
    predictions: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Content:
    """All deployments of a scenario on the same images. image_px: pixels of each, not a side."""

    network: Network
    dataset: dict[str, Any]
    samples: tuple[int, ...]
    labels: Mapping[str, tuple[int, ...]]
    image_px: int
    crossings: Mapping[str, Crossing]

    def replayed(self, stages_of: Callable[[Crossing], Stages]) -> Repertoire:
        """The rows, each deployment's taking what stages_of says; none was taken after a pause."""
        return Repertoire(
            identity=self.network.identity,
            weights=self.network.weights,
            dataset=self.dataset,
            samples=self.samples,
            labels=dict(self.labels),
            deployments={
                name: DeploymentProfile(
                    cut=crossing.cut_name,
                    codec=crossing.codec,
                    at_once=stages_of(crossing),
                    after_pauses=(),
                    payload_up_bytes=crossing.payload_bytes,
                    predictions=dict(crossing.predictions),
                )
                for name, crossing in self.crossings.items()
            },
        )


class Contents:
    """Makes contents; what scenarios have in common is made once.

    own_answers: False where only times and bytes are asked for. Then all answer what the whole
    network does, which saves most of the work.
    """

    def __init__(self, rows: int = ROWS, own_answers: bool = True) -> None:
        self._rows, self._own_answers = rows, own_answers
        self._made: dict[Hashable, object] = {}

    def of(self, scenario: Scenario) -> Content:
        """What the scenario's deployments send and answer.

        Raises BadInput for weights or images that cannot be used.
        """
        of_images = _digest(scenario, {"workload": IMAGES, "seed": True})
        of_network = _digest(scenario, {"model": True, "seed": True})
        images = (of_images, scenario.model.tasks)
        network = (of_network, scenario.workload.dataset, scenario.workload.data)
        with ThreadPoolExecutor(1) as beside:  # importing torch takes as long as the images
            drawn = beside.submit(self._once, ("images", images), lambda: self._draw(scenario))
            loaded = self._once(("network", network), lambda: _load(scenario))
        described, samples = drawn.result()
        rows = (OwnAnswers if self._own_answers else WholeAnswers)(loaded, samples)
        crossings = {
            identity_of(entry).name: self._once(
                ("crossing", images, network, identity_of(entry)),
                lambda entry=entry: _crossing(entry, loaded, rows),  # type: ignore[misc]
            )
            for entry in scenario.computed
        }
        return Content(
            network=loaded,
            dataset=described,
            samples=tuple(sample.number for sample in samples),
            labels={
                task: tuple(sample.labels[task] for sample in samples) for task in samples[0].labels
            },
            image_px=samples[0].image.shape[0] * samples[0].image.shape[1],
            crossings=crossings,
        )

    def _once(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        if key not in self._made:
            self._made[key] = make()
        return cast(Thing, self._made[key])

    def _draw(self, scenario: Scenario) -> tuple[dict[str, Any], list[Sample]]:
        """As many images as there are rows; few images come again."""
        workload = scenario.workload.model_copy(update={"warmup": 0, "requests": self._rows})
        dataset = load_dataset(scenario)
        samples = draw_samples(dataset, scenario.model_copy(update={"workload": workload}), 0)
        return dataset.describe(), [samples[row % len(samples)] for row in range(self._rows)]


def _digest(scenario: Scenario, keys: dict[str, Any]) -> str:
    return digest_of(scenario.model_dump(mode="json", include=keys))


def _load(scenario: Scenario) -> Network:
    """On one thread, so that sums come out the same wherever they are computed."""
    fetch_weights(scenario)
    return load_network(scenario, threads=1)


def _crossing(entry: DeploymentEntry, network: Network, rows: Crossings) -> Crossing:
    deployment = make_deployment(entry, network)
    shapes, sizes, answers = zip(*rows.of(deployment), strict=True)
    return Crossing(
        cut=deployment.cut,
        resize_px=deployment.resize_px,
        cut_name=deployment.cut_name,
        codec=identity_of(entry).codec,
        shape=shapes[0],
        payload_bytes=sizes,
        predictions=dict(zip(network.tasks, zip(*answers, strict=True), strict=True)),
    )
