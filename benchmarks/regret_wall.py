"""What was chosen and what might be better, between real halves."""

from benchmarks.choices import SCENARIOS
from benchmarks.real_run import really_run
from benchmarks.rules import Row, kept
from testbed.choice.candidates import candidates
from testbed.choice.subject import network_of
from testbed.config.deployments import identity_of
from testbed.config.scenario_file import load_scenario
from testbed.halves.workload import load_dataset

REQUESTS, REPEATS, WARMUP = 12, 5, 2
TOP = 3
"""So many of the fastest in virtual time are measured beside what the rules choose."""


def measured_ms(row: Row, backend: str) -> dict[str, float | None]:
    """Deployment -> mean latency; None where nothing was answered. row: as `regret.row_of`.

    Raises as `run` does.
    """
    names = wanted(row)
    scenario = load_scenario(SCENARIOS / f"{row['scenario']}.yaml", row["overrides"])
    network, dataset = network_of(scenario), load_dataset(scenario)
    entries = candidates(network, min(dataset.image(0).shape[:2]))
    workload = scenario.workload.model_copy(update={"requests": REQUESTS, "warmup": WARMUP})
    update = {
        "deployments": tuple(entry for entry in entries if identity_of(entry).name in names),
        "workload": workload,
        "repeats": REPEATS,
    }
    summary = really_run(scenario.model_copy(update=update), backend, print).summary
    return {one["name"]: one["latency_ms"]["mean"] for one in summary["deployments"]}


def wanted(row: Row) -> set[str]:
    """What the rules choose, and the fastest that keep the accuracy."""
    fast_ms = kept(row, row["virtual_ms"])
    return {*row["picked"].values(), *sorted(fast_ms, key=lambda name: fast_ms[name])[:TOP]}
