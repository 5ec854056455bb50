"""Devices by the name that a scenario gives them: those that ship, or a file of one's own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from testbed.config.complaint import first_line
from testbed.config.scenario import HOST, Scenario, is_device_file
from testbed.config.scenario_file import read_text
from testbed.config.yaml_text import parse_yaml
from testbed.devices.device import Device
from testbed.devices.law import Law
from testbed.devices.published import PublishedFile
from testbed.devices.radios import find_radio
from testbed.devices.tables import MeasuredFile
from testbed.errors import BadInput, nearest
from testbed.model.load import NullNetwork
from testbed.network import HEADS, HIDDEN, RESIZE, Network

FOLDER = Path(__file__).parent / "shipped"
REFERENCE = "reference"
"""The shipped device that was measured with every backbone."""
WANTED = "a device's file, as `testbed device measure` writes it"


def law_for(device: str, network: Network) -> Law:
    """What `network` takes on a device. Raises BadInput as `find_device`, and `Law`."""
    return Law(find_device(device), network)


def check_devices(scenario: Scenario) -> str:
    """What is to be said about how fast the halves are; empty where there is nothing.

    Raises BadInput as `find_device` and `find_radio`, and for a backbone that a device has not.
    """
    for device in (scenario.edge.device, scenario.server.device):
        if device != HOST:
            find_device(device).backbone(scenario.model.backbone)
    if scenario.edge.radio is not None:
        find_radio(scenario.edge.radio)
    if scenario.edge.slowdown == 1:
        return ""
    return (
        f"edge.slowdown {scenario.edge.slowdown:g} multiplies the speed of this machine: another "
        "machine gives other numbers; named devices do not, see `testbed device list`"
    )


def known_blocks(backbone: str) -> tuple[str, ...]:
    """`Network.blocks` of such a network, as the reference names them, so without torch.

    Empty for a backbone that the reference has not.
    """
    if backbone == NullNetwork.backbone:
        return NullNetwork.blocks
    costs = find_device(REFERENCE).tables.backbones.get(backbone)
    return (RESIZE, *costs.blocks, HIDDEN, HEADS) if costs else ()


def shipped() -> tuple[str, ...]:
    """Names of the devices that come with the package."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))


@cache
def find_device(name: str) -> Device:
    """The device a scenario names. Raises BadInput, with the nearest word for an unknown one."""
    file = _load(_path_of(name))
    if isinstance(file, MeasuredFile):
        return Device.of(name, file, file)
    tables = _load(_path_of(file.like))
    if not isinstance(tables, MeasuredFile):
        raise BadInput(f"device {name}: like: found {file.like}, allowed: a measured device")
    return Device.of(name, file, tables)


def _path_of(name: str) -> Path:
    if is_device_file(name):
        return Path(name)
    if name not in shipped():
        allowed = f"{', '.join((HOST, *shipped()))}, or a file such as ./my-device.yaml"
        raise BadInput(f"device: found {name}{nearest(name, shipped())}, allowed: {allowed}")
    return FOLDER / f"{name}.yaml"


def _load(path: Path) -> MeasuredFile | PublishedFile:
    tree = parse_yaml(read_text(path, WANTED), str(path), WANTED)
    kinds: Mapping[str, type[MeasuredFile] | type[PublishedFile]] = {
        "measured": MeasuredFile,
        "published": PublishedFile,
    }
    kind = tree.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        raise BadInput(f"{path}: kind: found {kind!r}, allowed: {', '.join(kinds)}")
    try:
        return kinds[kind].model_validate(tree)
    except ValidationError as error:
        raise BadInput(f"{path}: {first_line(error, 'device')}") from None
