"""`testbed run --virtual`, which leaves and shows what a run does, and `testbed profile`."""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from testbed.commands.run import say_on, settled, show, watched
from testbed.config.scenario import HOST, Scenario
from testbed.config.scenario_file import load_scenario, read_scenario
from testbed.data.unlabelled import unused
from testbed.devices.find import check_devices
from testbed.errors import BadInput, TestbedError
from testbed.halves.deployment import check_cuts
from testbed.results.wording import digits
from testbed.runs.environment import environment
from testbed.runs.recording import RESULTS, Recording
from testbed.storage.files import shown
from testbed.storage.folders import check_writable
from testbed.terminal.plain import plain_table
from testbed.virtual import measure
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import names_devices, repertoire_of
from testbed.virtual.profile import Profile, check_file, load_profile, save_profile
from testbed.virtual.repertoire import ROWS, Repertoire, Stages
from testbed.virtual.simulate import BACKEND, CLOCK, simulate


def run_in_virtual_time(
    path: Path,
    overrides: list[str],
    backend: str,
    profile: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Load, profile where there is none yet, simulate, save and show; `profile`: a file to use."""
    if backend not in ("auto", BACKEND):
        raise BadInput(f"--backend: found {backend!r}, allowed with --virtual: auto, {BACKEND}")
    scenario, text = read_scenario(path, overrides)
    check_writable(out, RESULTS)
    say = say_on(Console(stderr=True))
    said = check_devices(scenario)
    scenario = settled(scenario, say)
    check_cuts(scenario)
    repertoire = _repertoire(scenario, profile)
    finished = simulate(scenario, repertoire)
    facts = environment(BACKEND, finished.link["detail"]["why"])
    with Recording(scenario, text, facts, say, out, clock=CLOCK) as recording:
        recording.keep_requests(finished.requests)
        summary = recording.finish(finished.link)
    for line in (said, unused(repertoire.dataset)):
        if line:
            say(line)
    show(recording.folder, summary, as_json)


def write_profile(
    path: Path, overrides: list[str] | None, out: Path | None, rows: int | None
) -> None:
    """Measure both halves of a scenario, keep that, show its stages; the file is the last line."""
    scenario = load_scenario(path, overrides)
    _check_host(scenario)
    file = out or measure.profile_file(scenario)
    rows = rows or ROWS
    check_file(file)
    with watched(measure.requests_of(scenario, rows)) as (_, on_record):
        profile = measure.measure_profile(scenario, on_record, rows)
    save_profile(profile, file)
    Console().print(_stages(profile))
    sys.stdout.write(f"{shown(file)}\n")
    if profile.left_out:
        missing = "; ".join(f"{name} {reason}" for name, reason in profile.left_out.items())
        raise TestbedError(f"profile: {missing}; the other deployments are in {shown(file)}")


def _repertoire(scenario: Scenario, profile: Path | None) -> Repertoire:
    """What is replayed: reckoned from devices, read from a file that was named, or measured."""
    if names_devices(scenario):
        if profile is not None:
            allowed = "without it where edge and server name devices: nothing is measured then"
            raise BadInput(f"--profile: found {profile}, allowed: {allowed}")
        return repertoire_of(scenario, Contents())
    if profile is not None:
        return load_profile(profile)
    with watched(measure.requests_of(scenario)) as (say, on_record):
        return measure.profile_for(scenario, measure.PROFILES, say, on_record)


def _stages(profile: Profile) -> Table:
    """What each half took at once, and after each pause."""
    table = plain_table(
        f"{len(profile)} requests, one after the other, no link: ms, p50 above p95; "
        "after pauses: p50"
    )
    columns = {
        "head": "head_s",
        "encode": "encode_s",
        "handing\nup": "uplink_s",
        "decode": "server_decode_s",
        "tail": "server_tail_s",
        "handing\ndown": "downlink_s",
    }
    table.add_column("deployment", no_wrap=True)
    for heading in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, deployment in profile.deployments.items():
        table.add_row(name, *_cells(deployment.at_once, columns.values(), [0.5, 0.95]))
        for after in deployment.after_pauses:
            cells = _cells(after.stages, columns.values(), [0.5])
            table.add_row(f"  after {digits(after.pause_s)} s", *cells, style="dim")
    return table


def _cells(stages: Stages, columns: Iterable[str], shares: list[float]) -> list[str]:
    """Quantiles of each column in milliseconds, one below the other; nothing where it is zero."""
    found_ms = [np.quantile(getattr(stages, column), shares) * 1e3 for column in columns]
    return ["\n".join(map(digits, of)) if of.any() else "" for of in found_ms]


def _check_host(scenario: Scenario) -> None:
    """A profile is of this host. Raises BadInput where a half stands for a named device."""
    if names_devices(scenario):
        found = f"{scenario.edge.device} and {scenario.server.device}"
        raise BadInput(
            f"edge.device, server.device: found {found}, allowed for a profile, which is of this "
            f"machine: {HOST}; `testbed run --virtual` needs none"
        )
