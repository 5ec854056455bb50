"""Profiles with round numbers, and scenarios on links that can be computed by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from testbed.config.scenario import Scenario
from testbed.config.weights import Weights
from testbed.virtual.profile import Profile
from testbed.virtual.repertoire import AfterPause, DeploymentProfile, Stages
from testbed.wall.floor import Floor

HEAD_S, ENCODE_S, DECODE_S, TAIL_S, OTHER_S = 0.010, 0.002, 0.001, 0.004, 0.0005
HANDING_UP_S, HANDING_DOWN_S = 0.0002, 0.0001
PAYLOAD_BYTES = 1000
DELAY_S = 0.020
PAUSE_S = 0.1
ROWS = 8
STARTED = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
"""As if measured just now: a profile lasts for an hour."""


def stages(taken: Mapping[str, float], rows: int, times: float = 1.0) -> Stages:
    return Stages(**{name: (times * value,) * rows for name, value in taken.items()})


def profile(
    columns: Mapping[str, float] | None = None,
    *,
    rows: int = ROWS,
    slowdown: float = 1.0,
    more: float = 1.0,
    whole_s: float | None = None,
) -> Profile:
    """Local and split; every request takes the same, or what `columns` say; `more` times that when
    rested. whole_s: what local's takes, else as long as a split's head."""
    usual = {
        "head_s": HEAD_S,
        "encode_s": ENCODE_S,
        "uplink_s": HANDING_UP_S,
        "server_decode_s": DECODE_S,
        "server_tail_s": TAIL_S,
        "server_other_s": OTHER_S,
        "downlink_s": HANDING_DOWN_S,
    }
    taken = usual | dict(columns or {})
    payload_bytes = int(taken.pop("payload_up_bytes", PAYLOAD_BYTES))
    answers = {"shape": tuple(row % 4 for row in range(rows))}
    whole_s = taken["head_s"] if whole_s is None else whole_s
    on_edge = dict.fromkeys(usual, 0.0) | {"head_s": whole_s}
    local = DeploymentProfile(
        cut="heads",
        codec=None,
        at_once=stages(on_edge, rows),
        after_pauses=(AfterPause(pause_s=PAUSE_S, stages=stages(on_edge, rows, more)),),
        payload_up_bytes=(0,) * rows,
        predictions=answers,
    )
    split = DeploymentProfile(
        cut="features",
        codec="fp16",
        at_once=stages(taken, rows),
        after_pauses=(AfterPause(pause_s=PAUSE_S, stages=stages(taken, rows, more)),),
        payload_up_bytes=(payload_bytes,) * rows,
        predictions=answers,
    )
    return Profile(
        fingerprint={"model": "none"},
        environment={"started_utc": STARTED},
        slowdown=slowdown,
        floor=Floor(2e-4, 4e-4, 200, 20_000),
        identity="made up",
        weights=Weights("bundled"),
        dataset={"name": "made up"},
        samples=tuple(range(100, 100 + rows)),
        labels={"shape": (1,) * rows},
        deployments={"local": local, "split-fp16": split},
    )


def scenario(*deployments: Any, link: dict[str, Any] | None = None, **sections: Any) -> Scenario:
    """A link of 20 ms each way without limit, 6 requests after 2; `sections` add keys to each."""
    lane = {"delay": "20ms"} | (link or {})
    tree: dict[str, Any] = {
        "name": "by-hand",
        "link": {"uplink": lane, "downlink": lane},
        "edge": sections.get("edge", {}),
        "server": sections.get("server", {}),
        "model": {"backbone": "null", "tasks": ["shape"]},
        "workload": {"requests": 6, "warmup": 2, "deadline": "1s"} | sections.get("workload", {}),
        "deployments": list(deployments) or ["local", "split"],
        "repeats": sections.get("repeats", 1),
        "seed": sections.get("seed", 7),
    }
    return Scenario.model_validate(tree)
