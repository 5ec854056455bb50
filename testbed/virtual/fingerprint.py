"""What a profile depends on: when all of this is the same, measuring again would say the same.

Not in it: the link, how many requests and when, `edge.slowdown` (stages scale with it) and the
scenario's seed (which images of a data set, not which data set).
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import testbed
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.model.choose import choose_weights
from testbed.model.load import model_wanted, offered_tasks
from testbed.runs.environment import environment
from testbed.storage.files import reading
from testbed.storage.strict_json import plain
from testbed.virtual.profile import SCHEMA

PACKAGES = ("torch", "numpy", "pillow", "zstandard", "pyzmq", "msgspec")
"""Those that do the work of a stage."""


def fingerprint_of(scenario: Scenario) -> dict[str, Any]:
    """Plain values, found without torch. Raises BadInput for bundled weights that are not there."""
    images = {"dataset", "data", "images", "camera_px", "camera_noise"}
    facts = {
        "schema": SCHEMA,
        "testbed": testbed.__version__,
        "packages": {name: version(name) for name in PACKAGES},
        "processor": _processor(),
        "threads": {"edge": scenario.edge.threads, "server": scenario.server.threads},
        "model": scenario.model.model_dump(mode="json") | {"weights": _weights(scenario)},
        "images": scenario.workload.model_dump(mode="json", include=images),
        "deployments": sorted(identity_of(entry).name for entry in scenario.computed),
    }
    return dict(plain(facts))


@cache
def _processor() -> dict[str, Any]:
    """What does not change from one run to the next."""
    cpu = environment("none", "")["cpu"]
    return {name: cpu[name] for name in ("model", "architecture", "count")}


def _weights(scenario: Scenario) -> str:
    """The digest of the file they are in, or the way they are made."""
    model = model_wanted(scenario)
    if model.backbone == "null":
        return "none"
    offered = offered_tasks(scenario)
    tasks = {task: offered[task] for task in model.tasks if task in offered}
    source, _ = choose_weights(model.weights, model.backbone, tasks, model.input_px, model.hidden)
    if not isinstance(source, Path) or not source.is_file():
        return str(source)  # the halves will say what is wrong with a file
    with reading(f"weights: {source}", "a file that can be read"):
        return hashlib.sha256(source.read_bytes()).hexdigest()
