"""Measuring both halves: a real run of every deployment, with nothing between them but loopback.

The halves are those of `testbed run`, in two processes, so that a stage here is that stage there.
Profiles are kept in a folder, a file for each thing that a profile depends on.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emulation import units
from emulation.link import LoopbackLink
from testbed.config.deployments import DeploymentEntry, identity_of
from testbed.config.scenario import Scenario
from testbed.errors import BadInput, TestbedError
from testbed.halves.deployment import cut_of
from testbed.halves.events import Ready
from testbed.model.load import fetch_weights
from testbed.network import cuts_of
from testbed.points.code import digest_of
from testbed.results.derived import STAGES
from testbed.results.record import Outcome, RequestRecord
from testbed.results.table import LABEL, PREDICTED, table_of
from testbed.runs.environment import environment
from testbed.runs.recording import Say
from testbed.storage.files import shown
from testbed.virtual.fingerprint import fingerprint_of
from testbed.virtual.profile import Profile, against, check_file, load_profile, save_profile
from testbed.virtual.repertoire import ROWS, AfterPause, DeploymentProfile, Stages
from testbed.wall.floor import measure_floor
from testbed.wall.session import Findings, OnRecord, Session

PROFILES = Path("results/profiles")
DIGEST_DIGITS = 12
ROUNDS = 4
"""Deployments take turns, so that the machine's drift falls on all alike."""
PAUSED_ROUNDS = 2
WARMUP = 3
PAUSES = ((0.03, 0.5), (0.1, 0.5), (0.4, 0.4), (1.6, 0.125))
"""Pauses in seconds, and how many requests come after such a one, as a share of the rows."""
LEAST_ROWS = 6
PATIENCE_S = 120.0
"""For a request on a host of which nothing is known yet; an edge that is slowed down gets more."""


def rehearsal(scenario: Scenario, rows: int = ROWS, pause_s: float = 0.0) -> Scenario:
    """The same halves and images without a link, at least `rows` requests for each deployment.

    pause_s: between an answer and the next request, so that a slow edge is not asked too early.
    """
    rounds = min(PAUSED_ROUNDS if pause_s else ROUNDS, rows)
    tree = scenario.model_dump(mode="json")
    patience = units.format_time(PATIENCE_S * scenario.edge.slowdown)
    workload = tree["workload"] | {
        "requests": -(-rows // rounds),
        "warmup": 1 if pause_s else WARMUP,
        "arrival": {"pause": units.format_time(pause_s)} if pause_s else "closed",
        "deadline": patience,
        "timeout": patience,
    }
    link: dict[str, Any] = {"uplink": {}, "downlink": {}}
    return Scenario.model_validate(tree | {"link": link, "workload": workload, "repeats": rounds})


def requests_of(scenario: Scenario, rows: int = ROWS) -> int:
    """How many requests `measure_profile` tells of: a closed loop, and again with pauses."""
    scenario = scenario.without_fallback()
    runs = [rehearsal(scenario, rows), *_with_pauses(scenario, rows)]
    return sum(run.workload.requests * run.repeats * len(run.deployments) for run in runs)


def _with_pauses(scenario: Scenario, rows: int) -> list[Scenario]:
    least = min(rows, LEAST_ROWS)
    return [
        rehearsal(scenario, max(least, round(rows * share)), pause_s) for pause_s, share in PAUSES
    ]


def profile_file(scenario: Scenario, folder: Path = PROFILES) -> Path:
    """Where the profile that fits `scenario` is or would be kept."""
    digest = digest_of(fingerprint_of(scenario))[:DIGEST_DIGITS]
    return folder / f"{scenario.model.backbone}-{digest}.json"


def profile_for(
    scenario: Scenario,
    folder: Path = PROFILES,
    say: Say = lambda line: print(line, file=sys.stderr),  # noqa: T201  (no terminal of its own)
    on_record: OnRecord = lambda record: None,
    rows: int = ROWS,
) -> Profile:
    """The profile kept in `folder` that fits `scenario`; measured and kept there if there is none.

    One of another machine, or older than an hour, is refused: what a host is fast at now is not
    what it was then. `say` gets a line about which it was. Raises BadInput for a file that is no
    profile, and as `measure_profile`.
    """
    file = profile_file(scenario, folder)
    if file.exists():
        profile = load_profile(file)
        refused = against(profile)
        if not profile.left_out and not refused:
            started = profile.environment["started_utc"]
            say(f"profile of both halves: {shown(file)}, measured {started}")
            return profile
        why = f"not used: {refused or 'incomplete'}; measuring it anew"
        say(f"profile of both halves: {shown(file)}, {why}")
    else:
        say(f"no profile of these halves yet: measuring one, kept as {shown(file)}")
    check_file(file)
    profile = measure_profile(scenario, on_record, rows)
    save_profile(profile, file)
    return profile


def profile_among(folder: Path, scenario: Scenario) -> Profile | None:
    """One of those kept in `folder` that fits `scenario`; None where there is none."""
    wanted = fingerprint_of(scenario)
    for file in sorted(folder.glob("*.json")):
        with suppress(BadInput):  # reckoned from devices
            if (profile := load_profile(file)).fingerprint == wanted:
                return profile
    return None


def measure_profile(
    scenario: Scenario, on_record: OnRecord = lambda record: None, rows: int = ROWS
) -> Profile:
    """Run both halves, at once and with pauses, and keep what each request took.

    `on_record` hears of each request. 48 rows of four deployments take under three minutes. A
    deployment of which a request is lost is left out, and the profile says why.

    Raises BadInput for weights or images that cannot be used, PeerLost when a half ends early,
    TestbedError when no deployment could be measured.
    """
    fingerprint, scenario = fingerprint_of(scenario), scenario.without_fallback()
    facts = environment("loopback", "a profile is measured without a link")
    fetch_weights(scenario)
    at_once, edge = _run(rehearsal(scenario, rows), on_record)
    left_out = _left_out(at_once)
    measured = {name: found for name, found in at_once.items() if name not in left_out}
    entries = {identity_of(entry).name: entry for entry in scenario.deployments}
    complete = tuple(entries[name] for name in measured)
    rest = _with_pauses(scenario.model_copy(update={"deployments": complete}), rows)
    paused = [_run(each, on_record)[0] for each in rest]
    first = next(iter(measured.values()))
    return Profile(
        fingerprint=fingerprint,
        environment=facts | {"processors_kept_awake": edge.kept_awake},
        slowdown=scenario.edge.slowdown,
        floor=measure_floor(),
        identity=edge.identity,
        weights=edge.weights,
        dataset=edge.dataset,
        samples=tuple(first["sample"].tolist()),
        labels=_classes(first, LABEL),
        deployments={
            name: _deployment(entries[name], edge.blocks, found, [after[name] for after in paused])
            for name, found in measured.items()
        },
        left_out=left_out,
    )


def _run(scenario: Scenario, on_record: OnRecord) -> tuple[dict[str, pd.DataFrame], Ready]:
    """Each deployment's requests in their order, and what the edge half said of itself."""
    records: list[RequestRecord] = []

    def keep(record: RequestRecord) -> None:
        records.append(record)
        on_record(record)

    findings = Findings(keep)
    with LoopbackLink() as link, Session(link, scenario, findings) as session:
        session.run()
    table = table_of(records).sort_values(["repeat", "index"])
    names = [identity_of(entry).name for entry in scenario.deployments]
    return {name: table[table["deployment"] == name] for name in names}, findings.edge


def _left_out(requests: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Why deployments are left out: a request was lost. Raises TestbedError when all are."""
    left_out = {}
    for name, found in requests.items():
        lost = found["fault"][found["outcome"] == Outcome.LOST].tolist()
        if lost or found.empty:
            left_out[name] = f"lost a request: {lost[0]}" if lost else "made no request"
    if len(left_out) == len(requests):
        name, reason = next(iter(left_out.items()))
        raise TestbedError(f"profile: {name} {reason}")
    return left_out


def _deployment(
    entry: DeploymentEntry,
    blocks: tuple[str, ...],
    at_once: pd.DataFrame,
    paused: Sequence[pd.DataFrame],
) -> DeploymentProfile:
    codec = identity_of(entry).codec
    return DeploymentProfile(
        cut=cuts_of(blocks)[cut_of(entry, blocks)],
        codec=codec,
        at_once=_stages(at_once, codec is not None),
        after_pauses=_after_pauses(paused, codec is not None),
        payload_up_bytes=tuple(at_once["payload_up_bytes"].tolist()),
        predictions=_classes(at_once, PREDICTED),
    )


def _after_pauses(paused: Sequence[pd.DataFrame], crosses_link: bool) -> tuple[AfterPause, ...]:
    """What was measured after each pause, the longest last.

    Lost requests count for nothing. Of pauses that a disturbed machine made equally long, one; one
    that it left nothing of is none.
    """
    by_pause_s = {}
    for requests in paused:
        answered = requests[requests["outcome"] != Outcome.LOST]
        before_s = answered.groupby("repeat")["answered_s"].shift()
        pause_s = float((answered["issued_s"] - before_s).median())  # NaN if no two requests tell
        if pause_s > 0:
            stages = _stages(answered, crosses_link)
            by_pause_s[pause_s] = AfterPause(pause_s=pause_s, stages=stages)
    return tuple(by_pause_s[pause_s] for pause_s in sorted(by_pause_s))


def _stages(requests: pd.DataFrame, crosses_link: bool) -> Stages:
    # What a clock or a scheduler made negative took no time, as far as anybody can tell.
    took_s = {stage: np.fmax(0.0, requests[f"stage_{stage}_s"].to_numpy()) for stage in STAGES}
    # Without a common clock the way there and the way back are known together only.
    one_way_s = took_s["network"] / 2
    columns = {
        "head_s": took_s["head"],
        "encode_s": took_s["encode"],
        "uplink_s": took_s["uplink"] + took_s["queue"] + one_way_s,
        "server_decode_s": took_s["decode"],
        "server_tail_s": took_s["tail"],
        "server_other_s": took_s["other"] * crosses_link,
        "downlink_s": took_s["downlink"] + took_s["reply_wait"] + one_way_s,
    }
    return Stages.model_validate({name: values.tolist() for name, values in columns.items()})


def _classes(requests: pd.DataFrame, prefix: str) -> dict[str, tuple[int, ...]]:
    """Task -> its class in every row."""
    columns = [name for name in requests.columns if name.startswith(prefix)]
    return {name.removeprefix(prefix): tuple(requests[name].tolist()) for name in columns}
