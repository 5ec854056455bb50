"""The harness's own floor: a null model between the same two halves on an unshaped link.

Part of every run (MLPerf LoadGen does the same with its null system under test): whatever a
deployment's latency is, this much of it is the instrument.
"""

from dataclasses import dataclass

import numpy as np

from emulation.link import LoopbackLink
from testbed.config.scenario import Scenario
from testbed.errors import PeerLost
from testbed.wall.session import Findings, Session

FEATURE_BYTES = 20_000
REQUESTS = 200
_WARMUP = 50


@dataclass(frozen=True, slots=True)
class Floor:
    """Latency of requests that compute nothing and cross nothing."""

    p50_s: float
    p99_s: float
    requests: int
    payload_bytes: int


def floor_scenario(feature_bytes: int, requests: int) -> Scenario:
    """Null model, no link, features of `feature_bytes` up."""
    tree = {
        "name": "floor",
        "link": {"uplink": {}, "downlink": {}},
        "model": {"backbone": "null", "feature_bytes": feature_bytes},
        "workload": {"dataset": "blank", "camera_px": 16, "requests": requests, "warmup": _WARMUP},
        "deployments": [{"split": {"codec": "fp32"}}],
        "repeats": 1,
    }
    return Scenario.model_validate(tree)


def measure_floor(requests: int = REQUESTS) -> Floor:
    """Run the null model over loopback. Raises PeerLost when a half ends early."""
    latencies: list[float] = []
    findings = Findings(lambda record: latencies.append(record.answered_s - record.due_s))
    scenario = floor_scenario(FEATURE_BYTES, requests)
    with LoopbackLink() as link, Session(link, scenario, findings) as session:
        session.run()
    if findings.faults:
        raise PeerLost(f"floor: {findings.faults[0]}")
    p50_s, p99_s = np.quantile(latencies, [0.5, 0.99])
    return Floor(float(p50_s), float(p99_s), requests, FEATURE_BYTES)
