"""A run on disk: which files it has, how it is finished from them alone, how it is read.

`recording.py` puts there what is measured. What the numbers mean is in `summary.py` and `table.py`.
"""

import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from emulation.host.owned import lock
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import build_scenario, scenario_tree
from testbed.config.weights import Weights
from testbed.errors import BadInput, RunDamaged, one_line
from testbed.results import summary, table
from testbed.results.energy import reckon
from testbed.results.record import RequestRecord, record_from_json
from testbed.storage.files import atomic_write, reading, refusal, replacing, shown
from testbed.storage.strict_json import dumps, loads

SCENARIO = "scenario.yaml"
EFFECTIVE = "scenario.effective.yaml"
ENVIRONMENT = "environment.json"
LINK = "link.json"
COMPUTE = "compute.json"
"""How the hosts of both halves did; only of a run whose halves stand for devices."""
REQUESTS = "requests.parquet"
SUMMARY = "summary.json"
FIGURES = "figures"

UNFINISHED = "UNFINISHED"
"""There until all the others are; locked by the process that writes them."""
LINES = "requests.jsonl"
"""The requests as they come, a record a line; there until REQUESTS is."""

_A_RUNS = "the folder of a finished run"


@dataclass(frozen=True)
class Run:
    """Everything a finished run leaves.

    scenario_text: the file as given. effective_text: the scenario with defaults and overrides
    written out, YAML. environment: from `environment.py`. link: `summary.LinkFacts`.
    compute: how the hosts did, where devices are named; else empty.
    requests: from `table.table_of`, the last attempt at each block. summary: from
    `summary.summarise`; `missing` is in it where requests have no record.
    """

    scenario_text: str
    effective_text: str
    environment: dict[str, Any]
    link: dict[str, Any]
    compute: dict[str, Any]
    requests: pd.DataFrame
    summary: dict[str, Any]


def is_run(folder: Path) -> bool:
    """Whether a run was begun there."""
    return (folder / SUMMARY).is_file() or is_unfinished(folder)


def is_unfinished(folder: Path) -> bool:
    """Whether something of the run is missing, or still to come."""
    return (folder / UNFINISHED).is_file()


def has_requests(folder: Path) -> bool:
    """Whether anything was measured. Raises BadInput where that cannot be read."""
    lines = folder / LINES
    return (folder / REQUESTS).is_file() or (lines.is_file() and bool(_records(lines)))


def load(folder: Path) -> Run:
    """Read the folder of a finished run. Raises BadInput when it is none, or is damaged."""
    if not (folder / SUMMARY).is_file():
        found = f"found no {SUMMARY}"
        if is_unfinished(folder):
            found = f"found an unfinished run, {_how_to_finish(folder)}"
        raise refusal(folder, found, _A_RUNS)
    numbers = _read_json(folder / SUMMARY)
    version = numbers.get("schema")
    if version != summary.SCHEMA or not isinstance(numbers.get("deployments"), list):
        raise refusal(folder / SUMMARY, f"found schema {version!r}", str(summary.SCHEMA))
    return Run(
        scenario_text=_read_text(folder / SCENARIO),
        effective_text=_read_text(folder / EFFECTIVE),
        environment=_read_json(folder / ENVIRONMENT),
        link=_read_json(folder / LINK),
        compute=_compute(folder),
        requests=table.last_attempts(table.read_table(folder / REQUESTS)),
        summary=numbers,
    )


def finish(folder: Path, faults: Sequence[str] = ()) -> dict[str, Any]:
    """Make table, summary and figures from what else is there, and take the mark away.

    Returns the summary. faults: what went wrong in the run, a line each. Raises RunDamaged, when
    all that can be had is there, with these, with the requests that have no record, and with why
    the folder stays unfinished, if it does.
    """
    told = list(faults)
    try:
        numbers = _write_numbers(folder)
        told += _missing_requests(numbers)
        _draw(folder)
        (folder / UNFINISHED).unlink()
    except (BadInput, OSError) as error:
        told.append(one_line(error))
    if told:
        how = f", {_how_to_finish(folder)}" if is_unfinished(folder) else ""
        raise RunDamaged(f"{'; '.join(told)}; what was measured is in {shown(folder)}{how}")
    return numbers


def finish_later(folder: Path, say: Callable[[str], None]) -> None:
    """Finish what a run left that ended early; `say` is told what is missing for good.

    Raises BadInput while the run goes on, for one without a request, and where what it left cannot
    be finished as it is.
    """
    with reading(folder, _A_RUNS), (folder / UNFINISHED).open("rb") as mark:
        if not lock(mark):
            raise refusal(folder, "found a run that is going on", "one that ended")
        if not has_requests(folder):
            found = "found a run that ended before its first request"
            raise refusal(folder, found, "one with requests")
        try:
            finish(folder)
        except RunDamaged as error:
            if is_unfinished(folder):
                raise BadInput(one_line(error)) from error
            say(one_line(error))


def _how_to_finish(folder: Path) -> str:
    return f"which `testbed plot {shlex.quote(shown(folder))}` finishes"


def _write_numbers(folder: Path) -> dict[str, Any]:
    """Summary and table; afterwards the lines are no longer needed."""
    file = folder / REQUESTS
    if file.is_file():
        requests = table.read_table(file)
    else:
        records = _records(folder / LINES)
        if power := summary.power_of(_link_facts(folder / LINK)[0]):
            reckon(records, power)
        requests = table.table_of(records)
        with replacing(file) as draft:
            table.write_table(requests, draft)
    scenario = _scenario(folder)
    requests = table.last_attempts(requests)
    numbers = _summarise(folder / LINK, scenario, requests)
    if compute := _compute(folder):
        numbers["compute"] = {"within_tolerance": compute["within_tolerance"]}
    found, due = Counter(requests["deployment"]), scenario.repeats * scenario.workload.requests
    names = [identity_of(entry).name for entry in scenario.deployments]
    if missing := {name: due - found[name] for name in names if found[name] < due}:
        numbers["missing"] = missing
    atomic_write(folder / SUMMARY, dumps(numbers))
    (folder / LINES).unlink(missing_ok=True)
    return numbers


def _missing_requests(numbers: dict[str, Any]) -> list[str]:
    missing: dict[str, int] = numbers.get("missing", {})
    named = ", ".join(f"{name} {count}" for name, count in missing.items())
    return [f"{sum(missing.values())} requests have no record ({named})"] if missing else []


def _draw(folder: Path) -> None:
    """Raises BadInput, whatever went wrong: a figure must not cost what it was to show."""
    try:
        from testbed.figures.kinds import draw_all

        run = load(folder)
        draw_all(run.summary, run.requests, folder / FIGURES)
    except Exception as error:
        raise BadInput(f"figures: {type(error).__name__}: {one_line(error)}") from error


def _records(file: Path) -> list[RequestRecord]:
    """Those whose line is whole: the last one of a run that was killed may be torn."""
    records = []
    with reading(file, _A_RUNS), file.open("rb") as lines:
        for line in lines:
            try:
                records.append(record_from_json(loads(line)))
            except ValueError:
                continue
    return records


def _scenario(folder: Path) -> Scenario:
    """The scenario as it was run, but for its link: what that was is told by the run itself.

    A link may name a trace, which is not kept in the folder.
    """
    file = folder / EFFECTIVE
    tree = scenario_tree(_read_text(file), shown(file), Path())
    return build_scenario(tree | {"link": {"uplink": {}, "downlink": {}}}, shown(file))


def _summarise(file: Path, scenario: Scenario, requests: pd.DataFrame) -> dict[str, Any]:
    link, weights, clock = _link_facts(file)
    return summary.summarise(scenario, requests, link, weights, clock)


def _link_facts(file: Path) -> tuple[summary.LinkFacts, Weights, Literal["wall", "virtual"]]:
    """What the run found out of its link, whose weights, and which clock. Raises BadInput."""
    facts = _read_json(file)
    with reading(file, _A_RUNS, LookupError, TypeError):
        link = summary.LinkFacts(
            backend=facts["backend"],
            configured=facts["configured"],
            achieved=facts["achieved"],
            within_tolerance=facts["within_tolerance"],
            floor_ms=facts["floor_ms"],
            devices=facts.get("devices"),
            edge_power=facts.get("edge_power"),
            energy_by_block=facts.get("energy_by_block", ()),
            detail={},
        )
        return link, Weights(**facts["weights"]), facts["clock"]


def _compute(folder: Path) -> dict[str, Any]:
    return _read_json(folder / COMPUTE) if (folder / COMPUTE).is_file() else {}


def _read_text(file: Path) -> str:
    with reading(file, _A_RUNS):
        return file.read_text(encoding="utf-8")


def _read_json(file: Path) -> dict[str, Any]:
    with reading(file, _A_RUNS, ValueError):
        value = loads(file.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise refusal(file, f"found {type(value).__name__}", "a JSON object")
    return value
