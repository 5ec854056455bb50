"""Training that goes on from another network: its backbone, with heads of one's own."""

from pathlib import Path

from testbed.errors import BadInput
from testbed.model.checkpoint import open_model
from testbed.model.mtl import MtlNet


def begin_as(net: MtlNet, file: Path) -> None:
    """Give `net` the backbone in `file`, and have it see images as that does.

    Tasks, heads and the size of the input may be others: convolutions have no size. Raises BadInput
    for another backbone and as `open_model` does.
    """
    other, _ = open_model(file)
    if other.backbone != net.backbone:
        raise BadInput(f"init: {file}: found {other.backbone}, allowed: {net.backbone}")
    net.shared.load_state_dict(other.shared.state_dict())
    net.normalise_as(other.normalisation)
