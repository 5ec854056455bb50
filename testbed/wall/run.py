"""The main path of the product: scenario in, folder of results out.

Open the link, start both halves, measure the floor and the link, let the edge run, summarise,
save. Everything that was opened is closed again on every way out of here.
"""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from emulation.errors import LinkFault
from emulation.link import Backend, choose_backend
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario
from testbed.config.seeds import seed_for
from testbed.config.weights import Weights
from testbed.environment import environment
from testbed.errors import TestbedError
from testbed.halves.events import Event
from testbed.model.load import fetch_weights
from testbed.results.summary import LinkFacts, configured_link, link_json, summarise
from testbed.results.table import table_of
from testbed.run_folder import Run, check_writable, save
from testbed.wall.findings import Findings, OnEvent
from testbed.wall.floor import Floor, measure_floor
from testbed.wall.halves import HalfPair
from testbed.wall.link_check import LinkCheck, achieved_link, check_after, check_link

Say = Callable[[str], None]


class RunDamaged(TestbedError):
    """A half or the link ended in mid-run; what was lost by it is counted, and the run is saved."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to run and where to put it. scenario_text is kept as it was given."""

    scenario: Scenario
    scenario_text: str
    backend: str = "auto"
    out: Path | None = None
    results_root: Path = Path("results")


@dataclass(slots=True)
class Measured:
    """What one pass over the link gave."""

    floor: Floor
    checked: LinkCheck
    edge: Event
    counted_by_server: dict[str, Any]
    faults: list[str]
    drift: list[str] = field(default_factory=list)
    after: dict[str, Any] = field(default_factory=dict)
    link: dict[str, Any] = field(default_factory=dict)

    @property
    def weights(self) -> Weights:
        """Where the network's weights came from."""
        return Weights(**self.edge["weights"])


def run(job: Job, say: Say, on_event: OnEvent) -> tuple[Path, dict[str, Any]]:
    """Do the run; returns its folder and summary. `say` gets a line at each step.

    Raises BadInput, LinkUnavailable, LinkOutOfTolerance, PeerLost, CutMismatch; RunDamaged after
    the folder was saved.
    """
    check_writable(job.out, job.results_root)
    backend, why = choose_backend(job.backend)
    facts = environment(backend.name, why)
    say(f"link: {backend.name} ({why})")
    fetch_weights(job.scenario)
    findings = Findings()
    measured = _measure(job.scenario, backend, findings, say, on_event)
    link = _link_facts(job.scenario, backend.name, why, measured, findings)
    path, summary = _save(job, facts, link, measured.weights, findings)
    for line in measured.drift:
        say(f"the link drifted: {line}")
    if measured.faults:
        raise RunDamaged(
            f"{'; '.join(measured.faults)}: requests it left unanswered count as lost in {path}"
        )
    return path, summary


def _measure(
    scenario: Scenario, backend: Backend, findings: Findings, say: Say, on_event: OnEvent
) -> Measured:
    """Everything that needs the link to be open."""
    spec = scenario.link.to_spec()
    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(dump_scenario(scenario, absolute=True), encoding="utf-8")
        with backend.open(spec, seed_for(scenario.seed, "link")) as link:
            say("loading both halves")
            with HalfPair(link, file) as halves:
                if notice := halves.edge_facts["weights"]["untrained"]:
                    say(notice)
                say("measuring the floor and the link")
                floor = measure_floor()
                checked = check_link(link, spec, scenario)
                say("running")
                counts = halves.run(findings.taking(on_event), _silence_s(scenario))
                faults = [counts["died"]] if "died" in counts else []
            measured = Measured(floor, checked, halves.edge_facts, counts, faults)
            try:
                measured.after, measured.drift = check_after(link, spec, scenario)
                measured.link = link.describe()
            except LinkFault as error:
                measured.faults.append(str(error))
    return measured


def _silence_s(scenario: Scenario) -> float:
    """How long the edge may say nothing: the whole warm-up and one request, each timing out."""
    workload = scenario.workload
    return 120 + (workload.warmup + 1) * (workload.timeout + 1)


def _link_facts(
    scenario: Scenario, backend: str, why: str, measured: Measured, findings: Findings
) -> LinkFacts:
    return {
        "backend": backend,
        "achieved": achieved_link(measured.checked.achieved),
        "within_tolerance": not measured.checked.violations,
        "floor_ms": {"p50": measured.floor.p50_s * 1e3, "p99": measured.floor.p99_s * 1e3},
        "detail": {
            "why": why,
            "configured": configured_link(scenario.link.to_spec()),
            "tolerance": scenario.link.model_dump(mode="json")["tolerance"],
            **measured.checked.as_dict(),
            "after": measured.after,
            "drift": measured.drift,
            "faults": measured.faults,
            "floor": asdict(measured.floor),
            "cut_checks": findings.cut_checks,
            "strays_at_edge": findings.strays,
            "counted_by_server": measured.counted_by_server,
            "dataset": measured.edge["dataset"],
            "model": measured.edge["identity"],
            "weights": measured.edge["weights"],
            "processors_kept_awake": measured.edge["kept_awake"],
            "link": measured.link,
        },
    }


def _save(
    job: Job, facts: dict[str, Any], link: LinkFacts, weights: Weights, findings: Findings
) -> tuple[Path, dict[str, Any]]:
    requests = table_of(findings.records)
    summary = summarise(job.scenario, requests, link, weights)
    finished = Run(
        scenario_text=job.scenario_text,
        effective_text=dump_scenario(job.scenario),
        environment=facts,
        link=link_json(link),
        requests=requests,
        summary=summary,
    )
    return save(finished, job.out, job.results_root), summary
