"""Real runs of the testbed beside the reckoned latencies: emulated link, two processes."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulation.errors import EmulationError
from testbed.config.scenario_file import load_scenario
from testbed.errors import TestbedError, one_line
from testbed.paper.links import IdealLink, scenario_file
from testbed.sweep.work import on_the_wall_clock

REQUESTS = 40


@dataclass(frozen=True)
class RunFound:
    """One run of the split deployment. latency_s: median; payload_bytes: of a request, uplink."""

    link: str
    backend: str
    tasks: int
    requests: int
    answered: int
    latency_s: float
    payload_bytes: float


def run_split(
    link: IdealLink,
    backbone: str,
    tasks: Sequence[str],
    input_px: int,
    say: Callable[[str], None],
) -> RunFound | None:
    """A run of the link's scenario with these tasks; None, and said, where it cannot be had.

    Weights are random: time and bytes do not depend on their values.
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
    overrides = [f"{key}={value}" for key, value in settings.items()]
    scenario = load_scenario(scenario_file(link.name), overrides)
    try:
        with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
            summary = on_the_wall_clock(scenario, "auto", Path(folder) / "run")
    except (TestbedError, EmulationError) as error:
        say(f"skipped: a run over {link.name} with {len(tasks)} tasks: {one_line(error)}")
        return None
    split = summary["deployments"][0]
    if split["latency_ms"]["p50"] is None:
        return None
    return RunFound(
        link=link.name,
        backend=summary["backend"],
        tasks=len(tasks),
        requests=split["requests"],
        answered=split["requests"] - split["lost"],
        latency_s=split["latency_ms"]["p50"] / 1e3,
        payload_bytes=split["payload_bytes"]["up"],
    )
