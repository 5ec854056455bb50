"""`testbed serve` and `testbed edge` by hand: one half in this process, for two machines.

Across two machines there is no emulated link: latency, stages and bytes come from each
half's own durations, and what only a link could know is left empty.
"""

from pathlib import Path
from threading import Event as Flag

from rich.console import Console

from testbed.commands.run import requests_in, show, watched
from testbed.config.scenario_file import load_scenario, read_scenario
from testbed.data.unlabelled import unused
from testbed.halves.events import Bound, Event, Ready, Served
from testbed.halves.hosting import host_edge, host_server
from testbed.results.record import RequestRecord
from testbed.results.summary import NO_LINK, LinkFacts, link_not_ours
from testbed.runs.environment import environment
from testbed.runs.recording import Recording
from testbed.wall.compute_check import ComputeCheck, device_facts
from testbed.wall.session import Findings


def serve(path: Path, overrides: list[str] | None, bind: str) -> None:
    """Serve until interrupted."""
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
                    f"refused {counts.get('refused', 0)} messages"
                )

    host_server(scenario, bind, tell, Flag())


def edge(path: Path, overrides: list[str] | None, server: str, out: Path | None) -> None:
    """Run the scenario against the server half at `server`."""
    scenario, text = read_scenario(path, overrides)
    facts = environment(NO_LINK, "halves started by hand: the link is not ours")
    with (
        watched(requests_in(scenario)) as (say, on_record),
        Recording(scenario, text, facts, say, out) as recording,
    ):

        def keep(record: RequestRecord) -> None:
            recording.append(record)
            on_record(record)

        def link() -> LinkFacts:
            facts = link_not_ours(findings.facts())
            facts["devices"] = device_facts(scenario)
            return facts

        compute = ComputeCheck(scenario, recording, say)
        findings = Findings(keep, lambda: recording.keep_link(link()), compute.take)
        with recording.despite_faults():
            host_edge(scenario, server, "none", findings.take, lambda: None)
        if said := unused(findings.edge.dataset):
            say(said)
        summary = recording.finish(link())
        compute.require()
    show(recording.folder, summary)
