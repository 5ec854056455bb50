"""The network a scenario names.

torch is imported only when a real network is asked for, so the null model starts in a fraction of
a second, also on machines where importing torch takes long.
"""

from collections.abc import Mapping

from testbed.config.scenario import Scenario
from testbed.data.catalog import DATASETS
from testbed.network import Network


def load_network(scenario: Scenario, threads: int) -> Network:
    """The scenario's network, ready to run on `threads` threads.

    Raises BadInput for tasks the data set lacks, and for weights that are missing, corrupt or of
    another network.
    """
    model = scenario.model
    if model.backbone == "null":
        from testbed.model.null_network import NullNetwork

        return NullNetwork(model.tasks, model.feature_bytes)
    from testbed.model.torch_network import TorchNetwork

    return TorchNetwork.load(model, offered_tasks(scenario), scenario.seed, threads)


def fetch_weights(scenario: Scenario) -> None:
    """Download what both halves will need; they themselves see nothing but the emulated link.

    Raises BadInput when that cannot be had.
    """
    if scenario.model.weights == "imagenet" and scenario.model.backbone != "null":
        from testbed.model.imagenet import imagenet_state

        imagenet_state(scenario.model.backbone)


def offered_tasks(scenario: Scenario) -> Mapping[str, int]:
    """Tasks to choose from, and their classes; images without labels go with 3D Shapes' tasks."""
    return DATASETS.get(scenario.workload.dataset, DATASETS["shapes3d"])
