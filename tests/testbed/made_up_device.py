"""A device of the null network that takes as long as a test says, as a file or as a law."""

from pathlib import Path
from typing import Any

import yaml

from testbed.codecs import CODECS
from testbed.devices.device import Device
from testbed.devices.law import Law
from testbed.devices.tables import MeasuredFile
from testbed.network import Network


def tree(
    block_s: float, heads_s: float, codec_s: float, transport_s: float, widest: float = 1.0
) -> dict[str, Any]:
    """Its file: every codec takes the same, resizing nothing; times are up to `widest` medians."""
    coding = {"encode": [[1, codec_s], [1e12, codec_s]], "decode": [[1, codec_s], [1e12, codec_s]]}
    backbone = {
        "input_px": [1],
        "blocks": {"features": [block_s]},
        "heads": [[1, heads_s], [1e12, heads_s]],
        "head_s": 0.0,
    }
    return {
        "name": "made-up",
        "description": "for tests",
        "kind": "measured",
        "threads": 1,
        "source": "none",
        "environment": {},
        "spread": [[0, 1.0], [1, widest]],
        "resize": {"by_target": {1: [[1, 0.0]]}},
        "transport": [[1, transport_s], [1e12, transport_s]],
        "codecs": dict.fromkeys(CODECS, coding),
        "backbones": {"null": backbone},
    }


def law(network: Network, **seconds: float) -> Law:
    """Of such a device; keywords as in `tree`."""
    file = MeasuredFile.model_validate(tree(**seconds))
    return Law(Device.of("made-up", file, file), network)


def write(folder: Path, **seconds: float) -> Path:
    """Its file in `folder`."""
    file = folder / "made-up.yaml"
    file.write_text(yaml.safe_dump(tree(**seconds)))
    return file
