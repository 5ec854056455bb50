"""The network that a choice is about."""

from testbed.config.scenario import HOST, Scenario
from testbed.devices.edge_power import edge_power
from testbed.devices.find import find_device, shipped
from testbed.devices.radios import shipped_radios
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


def check_energy(scenario: Scenario) -> None:
    """Raises BadInput where the energy of what crosses is not known at the scenario's edge."""
    device = scenario.edge.device
    facts = {} if device == HOST else {"edge": find_device(device).facts()}
    if unknown := edge_power(scenario, facts).unknown:
        powered = [name for name in shipped() if find_device(name).file.power_w]
        raise BadInput(
            f"--energy: {unknown}, allowed: edge.device with a power ({', '.join(powered)}, or a "
            f"file with power_w) and edge.radio ({', '.join(shipped_radios())})"
        )


def real_network(scenario: Scenario) -> TorchNetwork:
    """The scenario's, on one thread. Raises BadInput for the null one, and as `load_network`."""
    fetch_weights(scenario)
    network = load_network(scenario, threads=1)
    if not isinstance(network, TorchNetwork):
        raise BadInput("model.backbone: found null, allowed: a network that answers something")
    return network
