"""What the edge of a scenario draws: its device and its radio together."""

from collections.abc import Mapping
from typing import Any

from testbed.config.scenario import HOST, Scenario
from testbed.devices.power import Power
from testbed.devices.radios import find_radio
from testbed.results.power import EdgePower


def edge_power(scenario: Scenario, devices: Mapping[str, Any] | None) -> EdgePower:
    """What is known of what the scenario's edge draws.

    devices: edge and server -> what is known of the device each stands for, as `Device.facts` says
    it; None or left out for the host. Raises BadInput as `find_radio`.
    """
    edge, facts = scenario.edge, (devices or {}).get("edge")
    radio = None if edge.radio is None else find_radio(edge.radio)
    power = Power.model_validate(facts["power_w"]) if facts and facts["power_w"] else None
    missing = []
    if facts is None:
        missing.append(f"edge.device is {HOST}, whose power is not known")
    elif power is None:
        missing.append(f"the file of device {facts['name']} gives no power")
    if radio is None:
        missing.append("no edge.radio is named, so that only local's energy may be known")
    return EdgePower(
        computing_w=None if power is None else power.computing(),
        radio=radio,
        unknown="; ".join(missing),
    )
