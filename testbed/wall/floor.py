"""The harness's own floor: a null model between the same two halves on an unshaped link.

Part of every run (MLPerf LoadGen does the same with its null system under test): whatever a
deployment's latency is, this much of it is the instrument.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emulation.loopback import LoopbackLink
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.halves.events import Event
from testbed.results.record import record_from_json
from testbed.wall.halves import HalfPair

FEATURE_BYTES = 20_000
REQUESTS = 200
_WARMUP = 50
_SILENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Floor:
    """Latency of requests that compute nothing and cross nothing."""

    p50_s: float
    p99_s: float
    requests: int
    payload_bytes: int


def floor_scenario(feature_bytes: int, requests: int) -> Scenario:
    """Null model, no link, features of `feature_bytes` up."""
    return Scenario.model_validate(
        {
            "name": "floor",
            "link": {"uplink": {}, "downlink": {}},
            "model": {"backbone": "null", "feature_bytes": feature_bytes},
            "workload": {
                "dataset": "blank",
                "camera_px": 16,
                "requests": requests,
                "warmup": _WARMUP,
            },
            "deployments": [{"split": {"codec": "fp32"}}],
            "repeats": 1,
        }
    )


def measure_floor(feature_bytes: int = FEATURE_BYTES, requests: int = REQUESTS) -> Floor:
    """Run the null model over loopback. Raises PeerLost when a half ends early."""
    latencies: list[float] = []

    def take(event: Event) -> None:
        if event["event"] == "request":
            record = record_from_json(event["record"])
            latencies.append(record.answered_s - record.due_s)

    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        file = Path(folder) / "floor.yaml"
        file.write_text(dump_scenario(floor_scenario(feature_bytes, requests)), encoding="utf-8")
        with LoopbackLink() as link, HalfPair(link, file) as halves:
            halves.run(take, _SILENCE_S)
    p50_s, p99_s = np.quantile(latencies, [0.5, 0.99])
    return Floor(float(p50_s), float(p99_s), requests, feature_bytes)
