"""Real runs of the testbed beside the reckoned latencies: emulated link, two processes."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from emulation.errors import EmulationError
from testbed.config.scenario_file import load_scenario
from testbed.errors import TestbedError, one_line
from testbed.paper.links import scenario_file
from testbed.sweep.work import WallTask, run_on_the_wall_clock

REQUESTS = 40


def run_split(
    link: str, backbone: str, tasks: Sequence[str], input_px: int, say: Callable[[str], None]
) -> dict[str, Any] | None:
    """A run of the split deployment in the scenario `link`; None, and said, where there is none.

    A row of the study's table, with a request's median latency and payload upward. Weights are
    random: time and bytes do not depend on their values.
    """
    settings = {
        "model.backbone": backbone,
        "model.weights": "random",
        "model.tasks": f"[{', '.join(tasks)}]",
        "model.input_px": input_px,
        "deployments": "[split: {codec: fp32}]",
        "workload.requests": REQUESTS,
        "repeats": 1,
    }
    scenario = load_scenario(scenario_file(link), [f"{k}={v}" for k, v in settings.items()])
    try:
        with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
            summary = run_on_the_wall_clock(WallTask(scenario, "auto", Path(folder) / "run"))
    except (TestbedError, EmulationError) as error:
        say(f"skipped: a run over {link} with {len(tasks)} tasks: {one_line(error)}")
        return None
    split = summary["deployments"][0]
    if split["latency_ms"]["p50"] is None:
        return None
    return {
        "link": link,
        "backend": summary["backend"],
        "tasks": len(tasks),
        "answered": f"{split['requests'] - split['lost']}/{split['requests']}",
        "payload kB": split["payload_bytes"]["up"] / 1e3,
        "run p50 ms": split["latency_ms"]["p50"],
    }
