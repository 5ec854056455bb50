"""Measuring both halves: a real run of every deployment, with nothing between them but loopback.

The halves are those of `testbed run`, in two processes, so that a stage here is that stage there.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from statistics import median
from typing import Any

from emulation import units
from emulation.link import LoopbackLink
from testbed.config.deployments import DeploymentEntry, identity_of
from testbed.config.scenario import Scenario
from testbed.environment import environment
from testbed.errors import TestbedError
from testbed.halves.deployment import cut_of
from testbed.halves.events import Ready
from testbed.model.load import fetch_weights
from testbed.network import cuts_of
from testbed.results.record import Outcome, RequestRecord
from testbed.results.table import table_of
from testbed.virtual.fingerprint import fingerprint_of
from testbed.virtual.profile import AfterPause, DeploymentProfile, Profile, Stages
from testbed.wall.findings import Findings, OnRecord
from testbed.wall.floor import measure_floor
from testbed.wall.session import Session

ROWS = 48
ROUNDS = 4
"""Deployments take turns, so that the machine's drift falls on all alike."""
PAUSED_ROUNDS = 2
WARMUP = 3
PAUSES = ((0.03, 0.5), (0.1, 0.5), (0.4, 0.4), (1.6, 0.125))
"""Pauses in seconds, and how many requests come after such a one, as a share of the rows.

A pause begins with an answer: an edge that is slow after a pause is not asked for the next request
before it is done.
"""
LEAST_ROWS = 6
PATIENCE_S = 120.0


def rehearsal(scenario: Scenario, rows: int = ROWS, pause_s: float = 0.0) -> Scenario:
    """The same halves and images without a link, at least `rows` requests for each deployment.

    pause_s: between an answer and the next request.
    """
    rounds = min(PAUSED_ROUNDS if pause_s else ROUNDS, rows)
    tree = scenario.model_dump(mode="json")
    workload = tree["workload"] | {
        "requests": -(-rows // rounds),
        "warmup": 1 if pause_s else WARMUP,
        "arrival": {"pause": units.format_time(pause_s)} if pause_s else "closed",
        "deadline": f"{PATIENCE_S}s",
        "timeout": f"{PATIENCE_S}s",
    }
    link: dict[str, Any] = {"uplink": {}, "downlink": {}}
    return Scenario.model_validate(tree | {"link": link, "workload": workload, "repeats": rounds})


def requests_of(scenario: Scenario, rows: int = ROWS) -> int:
    """How many requests `measure_profile` tells of: a closed loop, and again with pauses."""
    runs = [rehearsal(scenario, rows)]
    runs += [rehearsal(scenario, _share(rows, share), pause_s) for pause_s, share in PAUSES]
    return sum(run.workload.requests * run.repeats * len(run.deployments) for run in runs)


def measure_profile(
    scenario: Scenario, on_record: OnRecord = lambda record: None, rows: int = ROWS
) -> Profile:
    """Run both halves, at once and with pauses, and keep what each request took.

    `on_record` hears of each request. 48 rows of four deployments take under three minutes. A
    deployment of which a request is lost is left out, and the profile says why.

    Raises BadInput for weights or images that cannot be used, PeerLost when a half ends early,
    TestbedError when no deployment could be measured.
    """
    fingerprint = fingerprint_of(scenario)
    facts = environment("loopback", "a profile is measured without a link")
    fetch_weights(scenario)
    records, edge = _run(rehearsal(scenario, rows), on_record)
    at_once, left_out = _complete(records)
    entries = [entry for entry in scenario.deployments if identity_of(entry).name in at_once]
    complete = scenario.model_copy(update={"deployments": tuple(entries)})
    paused = [
        _run(rehearsal(complete, _share(rows, share), pause_s), on_record)[0]
        for pause_s, share in PAUSES
    ]
    first = next(iter(at_once.values()))
    return Profile(
        fingerprint=fingerprint,
        environment=facts | {"processors_kept_awake": edge.kept_awake},
        slowdown=scenario.edge.slowdown,
        floor=measure_floor(),
        identity=edge.identity,
        weights=edge.weights,
        dataset=edge.dataset,
        samples=tuple(record.sample for record in first),
        labels=_classes([record.labels for record in first]),
        deployments={
            name: _deployment(entry, edge.blocks, at_once[name], [after[name] for after in paused])
            for entry in entries
            for name in [identity_of(entry).name]
        },
        left_out=left_out,
    )


def _share(rows: int, share: float) -> int:
    return max(min(rows, LEAST_ROWS), round(rows * share))


def _run(scenario: Scenario, on_record: OnRecord) -> tuple[dict[str, list[RequestRecord]], Ready]:
    """Each deployment's records, and what the edge half said of itself."""
    records: list[RequestRecord] = []

    def keep(record: RequestRecord) -> None:
        records.append(record)
        on_record(record)

    findings = Findings(keep)
    with LoopbackLink() as link, Session(link, scenario, findings) as session:
        session.run()
    return _by_deployment(scenario, records), findings.edge


def _by_deployment(
    scenario: Scenario, records: Sequence[RequestRecord]
) -> dict[str, list[RequestRecord]]:
    """The records of each deployment in the order of its requests."""
    ordered = sorted(records, key=lambda record: (record.repeat, record.index))
    return {
        name: [record for record in ordered if record.deployment == name]
        for name, *_ in map(identity_of, scenario.deployments)
    }


def _complete(
    records: dict[str, list[RequestRecord]],
) -> tuple[dict[str, list[RequestRecord]], dict[str, str]]:
    """Deployments whose every request was answered, and why the others are none of them.

    Raises TestbedError when there are no complete ones.
    """
    left_out = {}
    for name, found in records.items():
        lost = [record for record in found if record.outcome is Outcome.LOST]
        if lost or not found:
            left_out[name] = f"lost a request: {lost[0].fault}" if lost else "made no request"
    complete = {name: found for name, found in records.items() if name not in left_out}
    if not complete:
        name, reason = next(iter(left_out.items()))
        raise TestbedError(f"profile: {name} {reason}")
    return complete, left_out


def _deployment(
    entry: DeploymentEntry,
    blocks: tuple[str, ...],
    at_once: Sequence[RequestRecord],
    paused: Sequence[Sequence[RequestRecord]],
) -> DeploymentProfile:
    codec = identity_of(entry).codec
    crosses_link = codec is not None
    return DeploymentProfile(
        cut=cuts_of(blocks)[cut_of(entry, blocks)],
        codec=codec,
        at_once=_stages(at_once, crosses_link),
        after_pauses=_after_pauses(paused, crosses_link),
        payload_up_bytes=tuple(record.payload_up_bytes for record in at_once),
        predictions=_classes([record.predictions for record in at_once]),
    )


def _after_pauses(
    paused: Sequence[Sequence[RequestRecord]], crosses_link: bool
) -> tuple[AfterPause, ...]:
    """What was measured after each pause, the longest last.

    Lost requests count for nothing. Of pauses that a disturbed machine made equally long, one.
    """
    by_pause_s = {}
    for records in paused:
        answered = [record for record in records if record.outcome is not Outcome.LOST]
        if (pause_s := _pause_s(answered)) > 0:
            stages = _stages(answered, crosses_link)
            by_pause_s[pause_s] = AfterPause(pause_s=pause_s, stages=stages)
    return tuple(by_pause_s[pause_s] for pause_s in sorted(by_pause_s))


def _pause_s(records: Sequence[RequestRecord]) -> float:
    """Between an answer and the next request, as a rule; 0 where no two requests tell."""
    pauses_s = [
        after.issued_s - before.answered_s
        for before, after in pairwise(records)
        if before.repeat == after.repeat
    ]
    known_s = [pause_s for pause_s in pauses_s if isfinite(pause_s)]
    return median(known_s) if known_s else 0.0


def _stages(records: Sequence[RequestRecord], crosses_link: bool) -> Stages:
    table = table_of(records)

    def column(stage: str) -> tuple[float, ...]:
        return tuple(max(0.0, seconds) for seconds in table[f"stage_{stage}_s"].tolist())

    # Without a common clock the way there and the way back are known together only.
    one_way = tuple((table["stage_network_s"] / 2).tolist())
    return Stages(
        head_s=column("head"),
        encode_s=column("encode"),
        uplink_s=_sum(column("uplink"), one_way),
        server_decode_s=column("decode"),
        server_tail_s=column("tail"),
        server_other_s=column("other") if crosses_link else (0.0,) * len(records),
        downlink_s=_sum(column("downlink"), one_way),
    )


def _sum(left: Sequence[float], right: Sequence[float]) -> tuple[float, ...]:
    return tuple(a + b for a, b in zip(left, right, strict=True))


def _classes(rows: Sequence[dict[str, int]]) -> dict[str, tuple[int, ...]]:
    """Task -> its class in every row."""
    return {task: tuple(row[task] for row in rows) for task in rows[0]}
