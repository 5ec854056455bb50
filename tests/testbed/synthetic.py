"""Made-up runs that look like real ones, for the tests of what is computed from records."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from typing import Any, cast

import numpy as np

from testbed.config.scenario import Scenario
from testbed.config.weights import Weights
from testbed.results.record import Outcome, RequestRecord
from testbed.results.summary import LinkFacts, configured_link
from testbed.runs.recording import Recording, Say

TIMEOUT_S = 5.0
TRAINED = Weights("bundled")


@dataclass(frozen=True)
class Timing:
    """Typical stage times of one deployment in ms, and the share of its requests lost."""

    head: float
    encode: float = 0.0
    uplink: float = 0.0
    decode: float = 0.0
    tail: float = 0.0
    downlink: float = 0.0
    lost: float = 0.0
    up_bytes: int = 0
    shared_clock: bool = True


LOCAL = Timing(head=39.0)
REMOTE = Timing(
    0.0, encode=21.0, uplink=118.0, decode=4.2, tail=5.1, downlink=26.0, lost=0.01, up_bytes=112_000
)
RESIZED = Timing(0.0, encode=14.0, uplink=31.0, decode=0.6, tail=5.1, downlink=26.0, up_bytes=7_900)
SPLIT = Timing(36.0, encode=0.3, uplink=57.0, decode=0.1, tail=0.8, downlink=26.0, up_bytes=56_448)

USUAL = {
    "local": LOCAL,
    "remote-jpeg-q90": REMOTE,
    "split-fp16": SPLIT,
}

EIGHT = {
    "local": LOCAL,
    "remote-raw": replace(REMOTE, encode=0.4, uplink=480.0, up_bytes=1_555_200),
    "remote-raw-resized": replace(RESIZED, uplink=52.0, up_bytes=12_288),
    "remote-jpeg-q90": REMOTE,
    "remote-jpeg-q90-resized": RESIZED,
    "remote-jpeg-q50-resized": replace(RESIZED, uplink=28.0, up_bytes=2_900),
    "split-fp32": replace(SPLIT, uplink=100.0, up_bytes=112_896),
    "split-fp16": SPLIT,
}


def entries(names: Iterable[str]) -> list[Any]:
    """The scenario's entries for deployments of these names."""
    return [_entry(name) for name in names]


def _entry(name: str) -> Any:
    kind, *details = name.split("-")
    if kind == "local":
        return name
    options: dict[str, Any] = {"codec": details[0]}
    if "resized" in details:
        options["resize"] = "model"
    for detail in details:
        if detail.startswith("q"):
            options["quality"] = int(detail[1:])
    return {kind: options}


def scenario(deployments: list[Any] | None = None, requests: int = 100, **changes: Any) -> Scenario:
    """A scenario like scenarios/lte.yaml; `changes` replace whole sections."""
    lane = {"delay": "25ms", "jitter": "4ms", "loss": "0.1%"}
    sections: dict[str, Any] = {
        "name": "lte",
        "link": {"uplink": lane | {"rate": "12mbit"}, "downlink": lane | {"rate": "40mbit"}},
        "model": {"backbone": "mobilenet_v3_small"},
        "workload": {"requests": requests, "deadline": "200ms"},
        "deployments": deployments or entries(USUAL),
    }
    return Scenario.model_validate(sections | changes)


def link_facts(**changes: Any) -> LinkFacts:
    """What a probe would have found on that scenario's link."""
    facts: dict[str, Any] = {
        "backend": "tun",
        "configured": configured_link(scenario().link.to_spec()),
        "achieved": {
            "uplink_rate_bps": 11.93e6,
            "downlink_rate_bps": 39.6e6,
            "rtt_ms": {"p50": 50.9, "p99": 67.3},
            "uplink_loss": 0.0012,
            "downlink_loss": 0.0008,
        },
        "within_tolerance": True,
        "floor_ms": {"p50": 0.41, "p99": 1.22},
        "detail": {"why": "netem: no sch_netem in this kernel"},
    }
    return cast(LinkFacts, facts | changes)


def records(
    timings: dict[str, Timing] | None = None,
    requests: int = 100,
    repeats: int = 3,
    deadline_s: float = 0.2,
    seed: int = 5,
) -> list[RequestRecord]:
    """Every request of a closed-loop run, in the order they were due."""
    chance = np.random.default_rng(seed)
    return [
        record(name, repeat, index, timing, deadline_s=deadline_s, chance=chance)
        for repeat in range(repeats)
        for name, timing in (timings or USUAL).items()
        for index in range(requests)
    ]


def record(
    name: str,
    repeat: int,
    index: int,
    timing: Timing,
    *,
    deadline_s: float,
    chance: np.random.Generator,
) -> RequestRecord:
    """One request whose stages scatter around `timing` with a tail to the right."""

    def scattered(milliseconds: float) -> float:
        return milliseconds / 1e3 * float(chance.lognormal(0, 0.12))

    due = index * 0.25
    issued = due + 2e-5
    headed = issued + scattered(timing.head)
    encoded = headed + scattered(timing.encode)
    common: dict[str, Any] = {
        "deployment": name,
        "repeat": repeat,
        "index": index,
        "sample": index,
        "due_s": due,
        "issued_s": issued,
        "head_done_s": headed,
        "encode_done_s": encoded,
    }
    labels = {"scale": index % 8, "shape": index % 4}
    predictions = {
        task: label if chance.random() < 0.97 else (label + 1) % 4 for task, label in labels.items()
    }
    classes = {"predictions": predictions, "labels": labels}
    if timing.uplink == 0:
        return _finished(common | classes, encoded, deadline_s)
    sizes: dict[str, Any] = {
        "sent_s": encoded + 8e-5,
        "payload_up_bytes": timing.up_bytes,
        "wire_up_bytes": int(timing.up_bytes * 1.04) + 400,
        "wire_down_bytes": 620,
    }
    if chance.random() < timing.lost:
        return RequestRecord(**common, **sizes, outcome=Outcome.LOST, labels=labels)
    up, decode, tail, down = (
        scattered(value) for value in (timing.uplink, timing.decode, timing.tail, timing.downlink)
    )
    server = decode + tail + 1.1e-4
    answered = encoded + 8e-5 + up + server + down
    one_way = (up, down) if timing.shared_clock else (nan, nan)
    known = (
        common
        | sizes
        | {
            "uplink_s": one_way[0],
            "server_queue_s": 0.0,
            "server_decode_s": decode,
            "server_tail_s": tail,
            "server_s": server,
            "downlink_s": one_way[1],
            "reply_wait_s": 0.0,
            "payload_down_bytes": 180,
        }
    )
    return _finished(known | classes, answered, deadline_s)


def _finished(known: dict[str, Any], answered_s: float, deadline_s: float) -> RequestRecord:
    in_time = answered_s - known["due_s"] <= deadline_s
    outcome = Outcome.ANSWERED if in_time else Outcome.LATE
    return RequestRecord(**known, answered_s=answered_s, outcome=outcome)


TEXT = "name: lte  # as given, \N{LATIN SMALL LETTER E WITH ACUTE}\n"


def recording(out: Path | None, root: Path, say: Say = lambda line: None) -> Recording:
    """A run of twenty requests in each of three repeats that has just begun."""
    environment = {"python": "CPython 3.11.2", "load": nan}
    return Recording(scenario(requests=20), TEXT, environment, say, out, root)


def save(out: Path | None, root: Path) -> Path:
    """A finished run, with everything that one leaves."""
    with recording(out, root) as run:
        for one in records(requests=20):
            run.append(one)
        run.finish(facts_of_a_run())
    return run.folder


def facts_of_a_run() -> LinkFacts:
    """What such a run knows of its link, its weights included."""
    return link_facts(detail={"weights": TRAINED._asdict()})
