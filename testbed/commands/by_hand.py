"""`testbed serve` and `testbed edge` by hand: one half in this process, for two machines.

Across two machines there is no emulated link: latency, stages and bytes come from each
half's own durations, and what only a link could know is left empty. Beyond this machine the
halves know each other by keys.
"""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from threading import Event as Flag

from rich.console import Console

from testbed.channel.address import stays_here
from testbed.channel.door import Door
from testbed.channel.zeromq.curve import read_edge_keys, read_server_keys
from testbed.commands.run import requests_in, show, watched
from testbed.config.scenario_file import load_scenario, read_scenario
from testbed.data.unlabelled import unused
from testbed.devices.edge_power import edge_power
from testbed.errors import BadInput
from testbed.halves.events import Bound, Event, Ready, Served
from testbed.halves.hosting import host_edge, host_server
from testbed.results.record import Outcome, RequestRecord
from testbed.results.summary import NO_LINK, LinkFacts, link_not_ours
from testbed.runs.environment import environment
from testbed.runs.recording import Recording, Say
from testbed.wall.compute_check import ComputeCheck, device_facts
from testbed.wall.session import Findings

MOST_LOST = 0.01
"""Of the requests, where the server half was gone for a time; beyond, the exit code is 1."""


def serve(
    path: Path, overrides: list[str] | None, bind: str, folder: Path | None, insecure: bool
) -> None:
    """Serve until interrupted. folder: with the server's keys."""
    _require_keys(f"--bind {bind}", stays_here(bind, "--bind"), folder, insecure)
    keys = read_server_keys(folder) if folder else None
    scenario = load_scenario(path, overrides)
    console = Console(stderr=True)

    def tell(event: Event) -> None:
        match event:
            case Bound(address):
                console.print(f"listening on {address}, loading the network")
            case Ready(identity):
                console.print(f"ready: {identity}; Ctrl-C ends it", soft_wrap=True)
            case Served(counts):
                console.print(
                    f"answered {counts.get('answered', 0)} requests, "
                    f"refused {counts.get('refused', 0)} messages, "
                    f"turned away {counts.get('turned away', 0)} connections, "
                    f"dropped {counts.get('dropped', 0)}",
                    soft_wrap=True,
                )

    host_server(scenario, bind, tell, Flag(), Door(), keys)


def edge(
    path: Path,
    overrides: list[str] | None,
    server: str,
    out: Path | None,
    folder: Path | None,
    insecure: bool,
) -> None:
    """Run the scenario against the server half at `server`. folder: with the edge's keys."""
    _require_keys(f"--server {server}", stays_here(server, "--server"), folder, insecure)
    keys = read_edge_keys(folder) if folder else None
    scenario, text = read_scenario(path, overrides)
    facts = environment(NO_LINK, "halves started by hand: the link is not ours")
    with (
        watched(requests_in(scenario)) as (say, on_record),
        Recording(scenario, text, facts, say, out) as recording,
    ):
        outcomes: Counter[Outcome] = Counter()

        def keep(record: RequestRecord) -> None:
            recording.append(record)
            outcomes[record.outcome] += 1
            on_record(record)

        def link() -> LinkFacts:
            seen = {name: getattr(findings, name) for name in ("server_lost", "server_found")}
            facts = link_not_ours(findings.facts() | seen | {"encrypted": keys is not None})
            facts["devices"] = device_facts(scenario)
            facts["edge_power"] = edge_power(scenario, facts["devices"]).model_dump(mode="json")
            facts["energy_by_block"] = [asdict(block) for block in findings.energy]
            return facts

        compute = ComputeCheck(scenario, recording, say)
        findings = Findings(keep, lambda: recording.keep_link(link()), compute.take)
        with recording.despite_faults():
            host_edge(scenario, server, "none", findings.take, lambda: None, keys, lasting=True)
        if findings.server_lost:
            _tell_of_losses(findings, outcomes, recording, say)
        if said := unused(findings.edge.dataset):
            say(said)
        summary = recording.finish(link())
        compute.require()
    show(recording.folder, summary)


def _tell_of_losses(
    findings: Findings, outcomes: Counter[Outcome], recording: Recording, say: Say
) -> None:
    """Of a server that was gone for a time; a fault where that cost more than MOST_LOST."""
    lost, all_of_them = outcomes[Outcome.LOST], outcomes.total()
    line = (
        f"the server half was gone (times lost: {findings.server_lost}, found again: "
        f"{findings.server_found}); {lost} of {all_of_them} requests were lost"
    )
    if lost > MOST_LOST * all_of_them:
        recording.keep_faults([f"{line}, more than {MOST_LOST:.0%}"])
    else:
        say(line)


def _require_keys(asked: str, stays: bool, folder: Path | None, insecure: bool) -> None:
    """Raise BadInput where others can reach what was asked for, and nothing says who may."""
    if folder and insecure:
        raise BadInput(f"--insecure: found beside --keys {folder}, allowed: one of the two")
    if not (stays or folder or insecure):
        raise BadInput(
            f"{asked}: found no --keys, allowed beyond this machine: --keys DIR "
            "(see testbed keys new), or --insecure where everybody in reach is trusted"
        )
