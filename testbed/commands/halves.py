"""`testbed serve` and `testbed edge` by hand: one half in this process, for two machines.

Across two machines there is no emulated link: latency, stages and bytes come from each
half's own durations, and what only a link could know is left empty.
"""

import sys
from pathlib import Path
from threading import Event as Flag
from typing import Any

from rich.console import Console

from testbed.commands.run import Watcher, requests_in
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario, load_scenario, parse_scenario, read_text
from testbed.config.weights import Weights
from testbed.environment import environment
from testbed.halves.events import Event
from testbed.halves.hosting import host_edge, host_server
from testbed.results.summary import link_json, link_not_ours, summarise
from testbed.results.table import table_of
from testbed.run_folder import Run, check_writable, save
from testbed.terminal.tables import print_summary, progress
from testbed.wall.findings import Findings

RESULTS = Path("results")


def serve(path: Path, overrides: list[str] | None, bind: str) -> None:
    """Serve until interrupted."""
    scenario = load_scenario(path, overrides)
    console = Console(stderr=True)

    def tell(name: str, **fields: Any) -> None:
        if name == "bound":
            console.print(f"listening on {fields['address']}, loading the network")
        elif name == "ready":
            console.print(f"ready: {fields['identity']}; Ctrl-C ends it", soft_wrap=True)
        elif name == "served":
            counts = fields["counts"]
            console.print(
                f"answered {counts.get('answered', 0)} requests, "
                f"refused {counts.get('refused', 0)} messages"
            )

    host_server(scenario, bind, tell, Flag())


def edge(path: Path, overrides: list[str] | None, server: str, out: Path | None) -> None:
    """Run the scenario against the server half at `server`."""
    text = read_text(path)
    scenario = parse_scenario(text, str(path), path.parent, overrides)
    check_writable(out, RESULTS)
    facts = environment("none", "halves started by hand: the link is not ours")
    console = Console(stderr=True)
    findings = Findings()
    ready: Event = {}
    with progress(console) as bar:
        take = findings.taking(Watcher(bar, requests_in(scenario)).on_event)

        def tell(name: str, **fields: Any) -> None:
            if name == "ready":
                ready.update(fields)
            take({"event": name, **fields})

        host_edge(scenario, server, "none", tell, lambda: None)
    _save_and_show(scenario, text, facts, ready, findings, out)


def _save_and_show(
    scenario: Scenario,
    text: str,
    facts: dict[str, Any],
    ready: Event,
    findings: Findings,
    out: Path | None,
) -> None:
    link = link_not_ours(
        {
            "cut_checks": findings.cut_checks,
            "strays_at_edge": findings.strays,
            "dataset": ready["dataset"],
            "model": ready["identity"],
            "weights": ready["weights"],
            "processors_kept_awake": ready["kept_awake"],
        }
    )
    requests = table_of(findings.records)
    summary = summarise(scenario, requests, link, Weights(**ready["weights"]))
    finished = Run(text, dump_scenario(scenario), facts, link_json(link), requests, summary)
    folder = save(finished, out, RESULTS)
    print_summary(Console(), summary)
    sys.stdout.write(f"{folder}\n")
