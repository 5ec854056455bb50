"""Real runs of the testbed beside the reckoned latencies: emulated link, two processes.

The command line is called, not its modules: a study stands beside runs, not above them.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from testbed.paper.tasks.links import NamedLink

REQUESTS = 40
TIMEOUT_S = 180.0
_BYTES_BY_HAND = "[split: {codec: fp32}]"


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


def run_testbed(
    link: NamedLink,
    backbone: str,
    tasks: Sequence[str],
    input_px: int,
    say: Callable[[str], None],
) -> RunFound | None:
    """`testbed run` of the link's scenario with these tasks; None, and said, where it cannot be.

    Weights are random: time and bytes do not depend on their values.
    """
    settings = {
        "model.backbone": backbone,
        "model.weights": "random",
        "model.tasks": f"[{', '.join(tasks)}]",
        "model.input_px": input_px,
        "deployments": _BYTES_BY_HAND,
        "workload.requests": REQUESTS,
        "repeats": 1,
    }
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        out = Path(folder) / "run"
        command = [sys.executable, "-m", "testbed", "run", str(link.file), *words]
        try:
            done = subprocess.run(
                [*command, "--json", "--out", str(out)],
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            say(f"skipped: testbed run over {link.name} took longer than {TIMEOUT_S:.0f} s")
            return None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        say(f"skipped: testbed run over {link.name} with {len(tasks)} tasks: {last}")
        return None
    return _found(link, len(tasks), done.stdout)


def _found(link: NamedLink, tasks: int, text: str) -> RunFound | None:
    summary = json.loads(text)
    split = summary["deployments"][0]
    if split["latency_ms"]["p50"] is None:
        return None
    return RunFound(
        link=link.name,
        backend=summary["backend"],
        tasks=tasks,
        requests=split["requests"],
        answered=split["requests"] - split["lost"],
        latency_s=split["latency_ms"]["p50"] / 1e3,
        payload_bytes=split["payload_bytes"]["up"],
    )
