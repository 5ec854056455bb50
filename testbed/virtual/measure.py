"""Measuring both halves: a real run of every deployment, with nothing between them but loopback.

The halves are those of `testbed run`, in two processes, so that a stage here is that stage there.
"""

import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from emulation.loopback import LoopbackLink
from testbed.config.scenario import DeploymentEntry, Scenario, deployment_name
from testbed.config.scenario_file import dump_scenario
from testbed.config.weights import Weights
from testbed.environment import environment
from testbed.errors import TestbedError
from testbed.halves.deployment import make_deployment
from testbed.halves.events import Event
from testbed.model.load import fetch_weights
from testbed.results.record import Outcome, RequestRecord
from testbed.virtual.basis import basis_of
from testbed.virtual.profile import DeploymentProfile, Profile, Rested, Stages
from testbed.wall.findings import Findings, OnEvent
from testbed.wall.floor import measure_floor
from testbed.wall.halves import HalfPair

Say = Callable[[str], None]

ROWS = 48
ROUNDS = 4
"""Deployments take turns, so that the machine's drift falls on all alike."""
RESTED_ROUNDS = 2
WARMUP = 3
RESTS = ((0.03, 0.5), (0.1, 0.5), (0.4, 0.4), (1.6, 0.125))
"""Pauses in seconds, and how many requests come after such a one, as a share of the rows."""
LEAST_ROWS = 6
PATIENCE_S = 120.0


def rehearsal(scenario: Scenario, rows: int = ROWS, period_s: float | None = None) -> Scenario:
    """The same halves and images without a link, at least `rows` requests for each deployment.

    period_s: between two requests; None lets each wait for the one before.
    """
    rounds = min(ROUNDS if period_s is None else RESTED_ROUNDS, rows)
    tree = scenario.model_dump(mode="json")
    workload = tree["workload"] | {
        "requests": -(-rows // rounds),
        "warmup": WARMUP if period_s is None else 1,
        "arrival": "closed" if period_s is None else {"periodic": f"{1 / period_s:.6g}hz"},
        "deadline": f"{PATIENCE_S}s",
        "timeout": f"{PATIENCE_S}s",
    }
    link: dict[str, Any] = {"uplink": {}, "downlink": {}}
    return Scenario.model_validate(tree | {"link": link, "workload": workload, "repeats": rounds})


def requests_of(scenario: Scenario, rows: int = ROWS) -> int:
    """How many requests `measure_profile` tells of: a closed loop, and again with pauses."""
    runs = [rehearsal(scenario, rows)]
    runs += [rehearsal(scenario, _share(rows, share), pause_s) for pause_s, share in RESTS]
    return sum(run.workload.requests * run.repeats * len(run.deployments) for run in runs)


def measure_profile(
    scenario: Scenario, on_event: OnEvent = lambda event: None, rows: int = ROWS
) -> Profile:
    """Run both halves, at once and with pauses, and keep what each request took.

    `on_event` hears of each request. 48 rows of four deployments take under three minutes.

    Raises BadInput for weights or images that cannot be used, PeerLost when a half ends early,
    TestbedError when a request is not answered.
    """
    basis = basis_of(scenario)
    facts = environment("loopback", "a profile is measured without a link")
    fetch_weights(scenario)
    at_once, edge = _run(rehearsal(scenario, rows), on_event)
    slowest_s = max(_median_latency_s(records) for records in at_once.values())
    rested = [
        _run(rehearsal(scenario, _share(rows, share), slowest_s + pause_s), on_event)[0]
        for pause_s, share in RESTS
    ]
    first = next(iter(at_once.values()))
    return Profile(
        basis=basis,
        environment=facts | {"processors_kept_awake": edge["kept_awake"]},
        slowdown=scenario.edge.slowdown,
        floor=measure_floor(),
        identity=edge["identity"],
        weights=Weights(**edge["weights"]),
        dataset=edge["dataset"],
        samples=tuple(record.sample for record in first),
        labels=_classes([record.labels for record in first]),
        deployments={
            name: _deployment(entry, at_once[name], [after[name] for after in rested])
            for entry in scenario.deployments
            for name in [deployment_name(entry)]
        },
    )


def _share(rows: int, share: float) -> int:
    return max(min(rows, LEAST_ROWS), round(rows * share))


def _run(scenario: Scenario, on_event: OnEvent) -> tuple[dict[str, list[RequestRecord]], Event]:
    """Each deployment's records, and what the edge half said of itself."""
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(dump_scenario(scenario, absolute=True), encoding="utf-8")
        with LoopbackLink() as link, HalfPair(link, file) as halves:
            edge = halves.edge_facts
            halves.run(findings.taking(on_event), PATIENCE_S)
    return _by_deployment(scenario, findings.records), edge


def _median_latency_s(records: Sequence[RequestRecord]) -> float:
    return median(record.latency_s for record in records)


def _by_deployment(
    scenario: Scenario, records: Sequence[RequestRecord]
) -> dict[str, list[RequestRecord]]:
    """The records of each deployment in the order of its requests, every one answered."""
    lost = [record for record in records if record.outcome is not Outcome.ANSWERED]
    if lost:
        raise TestbedError(f"profile: {lost[0].deployment} lost a request: {lost[0].fault}")
    ordered = sorted(records, key=lambda record: (record.repeat, record.index))
    return {
        name: [record for record in ordered if record.deployment == name]
        for name in map(deployment_name, scenario.deployments)
    }


def _deployment(
    entry: DeploymentEntry,
    at_once: Sequence[RequestRecord],
    rested: Sequence[Sequence[RequestRecord]],
) -> DeploymentProfile:
    made = make_deployment(entry)
    return DeploymentProfile(
        kind=made.kind,
        codec=made.codec_name,
        at_once=_stages(at_once, made.crosses_link),
        rested=tuple(
            Rested(pause_s=_pause_s(records), stages=_stages(records, made.crosses_link))
            for records in rested
        ),
        payload_up_bytes=tuple(record.payload_up_bytes for record in at_once),
        predictions=_classes([record.predictions for record in at_once]),
    )


def _pause_s(records: Sequence[RequestRecord]) -> float:
    """Between an answer and the next request, as a rule."""
    return median(
        after.issued_s - before.answered_s
        for before, after in pairwise(records)
        if before.repeat == after.repeat
    )


def _stages(records: Sequence[RequestRecord], crosses_link: bool) -> Stages:
    stages = [record.stages_s() for record in records]

    def column(stage: str) -> tuple[float, ...]:
        return tuple(max(0.0, of[stage]) for of in stages)

    # Without a common clock the way there and the way back are known together only.
    one_way = tuple(of["network"] / 2 for of in stages)
    return Stages(
        head_s=column("head"),
        encode_s=column("encode"),
        uplink_s=_sum(column("uplink"), one_way),
        server_decode_s=column("decode"),
        server_tail_s=column("tail"),
        server_other_s=column("other") if crosses_link else tuple(0.0 for _ in stages),
        downlink_s=_sum(column("downlink"), one_way),
    )


def _sum(left: Sequence[float], right: Sequence[float]) -> tuple[float, ...]:
    return tuple(a + b for a, b in zip(left, right, strict=True))


def _classes(rows: Sequence[dict[str, int]]) -> dict[str, tuple[int, ...]]:
    """Task -> its class in every row."""
    return {task: tuple(row[task] for row in rows) for task in rows[0]}
