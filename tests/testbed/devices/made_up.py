"""A device with round numbers, as its file says it, and a network that fits it."""

from typing import Any, NamedTuple

from testbed.codecs import CODECS
from testbed.devices.tables import MeasuredFile
from testbed.network import HEADS, RESIZE


class Network(NamedTuple):
    backbone: str = "small"
    input_px: int = 64
    head_weights: int = 1000
    hidden_weights: int = 900
    tasks: tuple[str, ...] = ("scale", "shape")
    blocks: tuple[str, ...] = (RESIZE, "a", "b", HEADS)


def tree(**changes: Any) -> dict[str, Any]:
    """By pixels a: 1 ms at 32 px, 4 ms at 64; b: 2 ms at both."""
    both = {"encode": [[100.0, 1e-4], [1000.0, 1e-3]], "decode": [[100.0, 2e-4]]}
    return {
        "name": "made-up",
        "description": "round numbers",
        "kind": "measured",
        "threads": 1,
        "source": "made up",
        "environment": {},
        "spread": [[0.0, 0.9], [0.5, 1.0], [1.0, 2.0]],
        "resize": {"by_target": {"32": [[1000.0, 1e-3]], "64": [[1000.0, 2e-3], [3000.0, 4e-3]]}},
        "transport": [[1000.0, 1e-4], [11_000.0, 2e-4]],
        "codecs": dict.fromkeys(CODECS, both),
        "backbones": {
            "small": {
                "input_px": [32, 64],
                "blocks": {"a": [0.001, 0.004], "b": [0.002, 0.002]},
                "heads": [[1000.0, 0.001]],
                "head_s": 0.0001,
            }
        },
        "networks": {"mobilenet_v1": [[224.0, 0.02]], "resnet50": [[224.0, 0.1]]},
    } | changes


def measured(**changes: Any) -> MeasuredFile:
    return MeasuredFile.model_validate(tree(**changes))


def published(**changes: Any) -> dict[str, Any]:
    """Twice and four times as slow as `tree`."""
    figure = {"input_px": 224, "precision": "float32", "basis": "published", "source": "a page"}
    return {
        "name": "slow",
        "description": "slower",
        "kind": "published",
        "like": "made-up",
        "figures": [
            {"network": "mobilenet_v1", "seconds": 0.04} | figure,
            {"network": "resnet50", "seconds": 0.4} | figure,
            {"network": "resnet50", "seconds": 0.01} | figure | {"precision": "int8"},
        ],
    } | changes
