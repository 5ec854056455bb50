"""What the edge of a scenario draws: its device and its radio together."""

from testbed.config.scenario import HOST, Scenario
from testbed.devices.find import find_device
from testbed.devices.radios import find_radio
from testbed.results.power import EdgePower


def edge_power(scenario: Scenario) -> EdgePower:
    """What is known of what the scenario's edge draws. Raises BadInput as both are found."""
    edge = scenario.edge
    radio = None if edge.radio is None else find_radio(edge.radio)
    power = None if edge.device == HOST else find_device(edge.device).file.power_w
    missing = []
    if edge.device == HOST:
        missing.append(f"edge.device is {HOST}, whose power is not known")
    elif power is None:
        missing.append(f"the file of device {edge.device} gives no power")
    if radio is None:
        missing.append("no edge.radio is named, so that only local's energy may be known")
    return EdgePower(
        computing_w=None if power is None else power.computing(),
        radio=radio,
        unknown="; ".join(missing),
    )
