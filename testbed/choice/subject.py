"""The network that a choice is about."""

from testbed.config.scenario import Scenario
from testbed.errors import BadInput
from testbed.model.load import fetch_weights, load_network
from testbed.model.torch_network import TorchNetwork
from testbed.virtual.from_devices import names_devices


def network_of(scenario: Scenario) -> TorchNetwork:
    """As `real_network`, of a scenario whose halves stand for devices; else raises BadInput."""
    if not names_devices(scenario):
        found = f"{scenario.edge.device} and {scenario.server.device}"
        raise BadInput(f"edge.device, server.device: found {found}, allowed: devices with names")
    return real_network(scenario)


def real_network(scenario: Scenario) -> TorchNetwork:
    """The scenario's, on one thread. Raises BadInput for the null one, and as `load_network`."""
    fetch_weights(scenario)
    network = load_network(scenario, threads=1)
    if not isinstance(network, TorchNetwork):
        raise BadInput("model.backbone: found null, allowed: a network that answers something")
    return network
