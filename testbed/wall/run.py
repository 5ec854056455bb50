"""The main path of the product: scenario in, folder of results out.

Open the link, start both halves, measure the floor and the link, let the edge run, and keep all of
it as it comes. Everything that was opened is closed again on every way out of here.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emulation.link import Backend, choose_backend
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.data.unlabelled import unused
from testbed.devices.edge_power import edge_power
from testbed.model.load import fetch_weights
from testbed.results.record import RequestRecord
from testbed.results.summary import LinkFacts, configured_link
from testbed.runs.environment import environment
from testbed.runs.recording import Recording, Say
from testbed.wall.compute_check import ComputeCheck, device_facts
from testbed.wall.floor import Floor, measure_floor
from testbed.wall.link_check import LinkCheck, achieved_link, check_after, check_link, untold
from testbed.wall.session import Findings, OnRecord, Session


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run and where to put it. scenario_text is kept as it was given."""

    scenario: Scenario
    scenario_text: str
    backend: str = "auto"
    out: Path | None = None


def run(order: RunOptions, say: Say, on_record: OnRecord) -> tuple[Path, dict[str, Any]]:
    """Do the run; returns its folder and summary. `say` gets a line at each step.

    Raises BadInput, LinkUnavailable, LinkOutOfTolerance, HostOutOfTolerance, PeerLost, CutMismatch
    before the first request, and leaves nothing; RunDamaged and HostOutOfTolerance after it, when
    the folder was saved.
    """
    backend, why = choose_backend(order.backend)
    facts = environment(backend.name, why)
    with Recording(order.scenario, order.scenario_text, facts, say, order.out) as recording:
        say(f"link: {backend.name} ({why})")
        fetch_weights(order.scenario)
        return recording.folder, _record(order, backend, why, recording, say, on_record)


def _record(
    order: RunOptions,
    backend: Backend,
    why: str,
    recording: Recording,
    say: Say,
    on_record: OnRecord,
) -> dict[str, Any]:
    """Everything from opening the link to the finished folder; returns the summary."""
    scenario, described = order.scenario, dict[str, Any]()

    def keep(record: RequestRecord) -> None:
        recording.append(record)
        on_record(record)

    def facts() -> LinkFacts:
        return _link_facts(scenario, backend.name, why, floor, checked, findings, described)

    compute = ComputeCheck(scenario, recording, say)
    findings = Findings(keep, lambda: recording.keep_link(facts()), compute.take)
    with backend.open(scenario.link.to_spec(), seed_for(scenario.seed, "link")) as link:
        say("loading both halves")
        with Session(link, scenario, findings) as session:
            for notice in (findings.edge.weights.untrained, unused(findings.edge.dataset)):
                if notice:
                    say(notice)
            say("measuring the floor and the link")
            floor, checked = measure_floor(), check_link(link, scenario)
            for line in untold(checked.probes[-1]):
                say(line)
            say("running")
            with recording.despite_faults():
                session.run()
        recording.keep_faults(findings.faults)
        with recording.despite_faults():
            link.require_running()
            check_after(link, scenario, checked)
            described |= link.describe()
    for line in checked.drift:
        say(f"the link drifted: {line}")
    summary = recording.finish(facts())
    compute.require()
    return summary


def _link_facts(
    scenario: Scenario,
    backend: str,
    why: str,
    floor: Floor,
    checked: LinkCheck,
    findings: Findings,
    described: dict[str, Any],
) -> LinkFacts:
    """described: what the link says of itself."""
    devices = device_facts(scenario)
    return {
        "backend": backend,
        "configured": configured_link(scenario.link.to_spec()),
        "achieved": achieved_link(checked.probes[-1]),
        "within_tolerance": not checked.violations,
        "devices": devices,
        "edge_power": edge_power(scenario, devices).model_dump(mode="json"),
        "energy_by_block": [asdict(block) for block in findings.energy],
        "floor_ms": {"p50": floor.p50_s * 1e3, "p99": floor.p99_s * 1e3},
        "detail": {
            "why": why,
            "tolerance": scenario.link.model_dump(mode="json")["tolerance"],
            **asdict(checked),
            "floor": asdict(floor),
            **findings.facts(),
            "link": described,
        },
    }
