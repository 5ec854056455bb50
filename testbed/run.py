"""The main path of the product: scenario in, folder of results out.

Open the link, start both halves, measure the floor and the link, let the edge run, summarise,
save. Everything that was opened is closed again on every way out of here.
"""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emulation.link import choose_backend
from testbed.environment import environment
from testbed.errors import TestbedError
from testbed.findings import Findings, OnEvent
from testbed.floor import Floor, measure_floor
from testbed.halves import HalfPair
from testbed.link_check import LinkCheck, achieved_link, check_link
from testbed.run_folder import Run, check_writable, save
from testbed.scenario import Scenario
from testbed.scenario_file import dump_scenario
from testbed.seeds import seed_for
from testbed.summary import LinkFacts, configured_link, link_json, summarise
from testbed.table import table_of

Say = Callable[[str], None]


class ServerDied(TestbedError):
    """The server half ended in mid-run; what was lost by it is counted and saved."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to run and where to put it. scenario_text is kept as it was given."""

    scenario: Scenario
    scenario_text: str
    backend: str = "auto"
    out: Path | None = None
    results_root: Path = Path("results")


def run(job: Job, say: Say, on_event: OnEvent) -> tuple[Path, dict[str, Any]]:
    """Do the run; returns its folder and summary. `say` gets a line at each step.

    Raises BadInput, LinkUnavailable, LinkOutOfTolerance, PeerLost, CutMismatch; ServerDied after
    the folder was saved.
    """
    scenario = job.scenario
    check_writable(job.out, job.results_root)
    spec = scenario.link.to_spec()
    backend, why = choose_backend(job.backend)
    facts = environment(backend.name, why)
    say(f"link: {backend.name} ({why})")
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(dump_scenario(scenario, absolute=True), encoding="utf-8")
        with backend.open(spec, seed_for(scenario.seed, "link")) as link:
            say("loading both halves")
            with HalfPair(link, file) as halves:
                say("measuring the floor and the link")
                floor = measure_floor()
                checked = check_link(link, spec, scenario)
                say("running")
                counts = halves.run(findings.taking(on_event), _silence_s(scenario))
            detail = {
                "why": why,
                "configured": configured_link(spec),
                "tolerance": scenario.link.model_dump(mode="json")["tolerance"],
                **checked.as_dict(),
                "floor": asdict(floor),
                "cut_checks": findings.cut_checks,
                "strays_at_edge": findings.strays,
                "counted_by_server": counts,
                "dataset": halves.edge_facts["dataset"],
                "model": halves.edge_facts["identity"],
                "link": link.describe(),
            }
    path, summary = _save(job, facts, _link_facts(backend.name, checked, floor, detail), findings)
    if "died" in counts:
        raise ServerDied(
            f"the server half ended in mid-run ({counts['died']}); "
            f"what it left unanswered is counted as lost in {path}"
        )
    return path, summary


def _silence_s(scenario: Scenario) -> float:
    """How long the edge may say nothing: the whole warm-up and one request, each timing out."""
    workload = scenario.workload
    return 120 + (workload.warmup + 1) * (workload.timeout + 1)


def _link_facts(
    backend: str, checked: LinkCheck, floor: Floor, detail: dict[str, Any]
) -> LinkFacts:
    return {
        "backend": backend,
        "achieved": achieved_link(checked.achieved),
        "within_tolerance": not checked.violations,
        "floor_ms": {"p50": floor.p50_s * 1e3, "p99": floor.p99_s * 1e3},
        "detail": detail,
    }


def _save(
    job: Job, facts: dict[str, Any], link: LinkFacts, findings: Findings
) -> tuple[Path, dict[str, Any]]:
    requests = table_of(findings.records)
    summary = summarise(job.scenario, requests, link)
    finished = Run(
        scenario_text=job.scenario_text,
        effective_text=dump_scenario(job.scenario),
        environment=facts,
        link=link_json(link),
        requests=requests,
        summary=summary,
    )
    return save(finished, job.out, job.results_root), summary
