"""The main path of the product: scenario in, folder of results out.

Open the link, start both halves, measure the floor and the link, let the edge run, and keep all of
it as it comes. Everything that was opened is closed again on every way out of here.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from emulation.errors import LinkFault
from emulation.link import Backend, Link, choose_backend
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.model.load import fetch_weights
from testbed.results.record import RequestRecord
from testbed.results.summary import LinkFacts, configured_link
from testbed.runs.environment import environment
from testbed.runs.recording import RESULTS, Recording, Say
from testbed.wall.findings import Findings, OnRecord
from testbed.wall.floor import Floor, measure_floor
from testbed.wall.link_check import LinkCheck, achieved_link, check_after, check_link
from testbed.wall.session import Session


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run and where to put it. scenario_text is kept as it was given."""

    scenario: Scenario
    scenario_text: str
    backend: str = "auto"
    out: Path | None = None
    results_root: Path = RESULTS


@dataclass(slots=True)
class Measured:
    """What is known of the link: from before the requests, and from after them."""

    floor: Floor
    checked: LinkCheck
    after: dict[str, Any] = field(default_factory=dict)
    drift: list[str] = field(default_factory=list)
    link: dict[str, Any] = field(default_factory=dict)


def run(options: RunOptions, say: Say, on_record: OnRecord) -> tuple[Path, dict[str, Any]]:
    """Do the run; returns its folder and summary. `say` gets a line at each step.

    Raises BadInput, LinkUnavailable, LinkOutOfTolerance, PeerLost, CutMismatch before the first
    request, and leaves nothing; RunDamaged after it, when the folder was saved.
    """
    backend, why = choose_backend(options.backend)
    facts = environment(backend.name, why)
    with Recording(
        options.scenario, options.scenario_text, facts, say, options.out, options.results_root
    ) as recording:
        say(f"link: {backend.name} ({why})")
        fetch_weights(options.scenario)
        return recording.folder, _record(options.scenario, backend, why, recording, say, on_record)


def _record(
    scenario: Scenario,
    backend: Backend,
    why: str,
    recording: Recording,
    say: Say,
    on_record: OnRecord,
) -> dict[str, Any]:
    """Everything from opening the link to the finished folder; returns the summary."""

    def keep(record: RequestRecord) -> None:
        recording.append(record)
        on_record(record)

    def facts() -> LinkFacts:
        return _link_facts(scenario, backend.name, why, measured, findings)

    findings = Findings(keep, on_checked=lambda: recording.keep_link(facts()))
    spec = scenario.link.to_spec()
    with backend.open(spec, seed_for(scenario.seed, "link")) as link:
        say("loading both halves")
        with Session(link, scenario, findings) as session:
            if notice := findings.edge.weights.untrained:
                say(notice)
            say("measuring the floor and the link")
            measured = Measured(measure_floor(), check_link(link, spec, scenario))
            say("running")
            with recording.despite_faults():
                session.run()
        recording.faults += findings.faults
        _look_again(link, scenario, measured, recording.faults)
    for line in measured.drift:
        say(f"the link drifted: {line}")
    return recording.finish(facts())


def _look_again(link: Link, scenario: Scenario, measured: Measured, faults: list[str]) -> None:
    """The link after the run: what it carried, and whether it still is what it was."""
    try:
        measured.after, measured.drift = check_after(link, scenario.link.to_spec(), scenario)
        measured.link = link.describe()
    except LinkFault as error:
        faults.append(str(error))


def _link_facts(
    scenario: Scenario, backend: str, why: str, measured: Measured, findings: Findings
) -> LinkFacts:
    return {
        "backend": backend,
        "configured": configured_link(scenario.link.to_spec()),
        "achieved": achieved_link(measured.checked.achieved),
        "within_tolerance": not measured.checked.violations,
        "floor_ms": {"p50": measured.floor.p50_s * 1e3, "p99": measured.floor.p99_s * 1e3},
        "detail": {
            "why": why,
            "tolerance": scenario.link.model_dump(mode="json")["tolerance"],
            **measured.checked.as_dict(),
            "after": measured.after,
            "drift": measured.drift,
            "floor": asdict(measured.floor),
            **findings.facts(),
            "link": measured.link,
        },
    }
