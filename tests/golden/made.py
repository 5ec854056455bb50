"""What a change of the inside must leave as it is: text to compare with, to the byte.

`python -m tests.golden` writes the files anew; a change of them belongs into CHANGELOG.md.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from testbed.commands.link import show_tc
from testbed.config.deployments import identity_of
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import dump_scenario, load_scenario
from testbed.results.table import write_table
from testbed.virtual import Profile, run_virtual
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.virtual.profile import load_profile

FOLDER = Path(__file__).parent
PROFILE = FOLDER / "profile.json"
SCENARIOS = FOLDER.parents[1] / "scenarios"
NAMES = tuple(sorted(file.stem for file in SCENARIOS.glob("*.yaml")))

SHORT = ("workload.requests=12", "workload.warmup=3", "repeats=3")
AS_MEASURED = ("edge.device=host", "edge.slowdown=8", "server.device=host")
"""Changes to a shipped scenario under which it replays the profile kept here."""
STRAINED: Mapping[str, tuple[str, ...]] = {
    "periodic": ("workload.arrival={periodic: 7hz}",),
    "pause": ("workload.arrival={pause: 300ms}",),
    "overload": (
        "workload.arrival={periodic: 30hz}",
        "workload.timeout=600ms",
        "workload.requests=30",
        "edge.slowdown=2",
    ),
    "slow": ("link.uplink.rate=600kbit", "workload.timeout=900ms"),
    "bbr": ("link.congestion_control=bbr", "link.uplink.loss=2%", "link.downlink.loss=2%"),
    "reno": ("link.congestion_control=reno", "link.uplink.loss=3%"),
    "fallback": (
        "workload.arrival={periodic: 5hz}",
        "workload.requests=20",
        "edge.fallback=local",
        "edge.after=300ms",
        "link.uplink.outages=[{at: 1500ms, lasting: 2s}]",
    ),
    "same-speed": ("edge.slowdown=1", "workload.arrival={periodic: 60hz}"),
}
"""Changes to lte.yaml under which requests wait, come late and get lost."""

NAMED = ("workload.camera_px=96",)
"""A change to lte.yaml, which names devices; a small camera, since its pictures are rendered."""

DIGITS = 7
"""Of seconds: a tenth of a microsecond. The same times added in another order differ below it."""


def _strained(name: str) -> Scenario:
    return _measured("lte", STRAINED[name])


def _shipped(name: str) -> Scenario:
    return _measured(name, ())


def _measured(name: str, changes: tuple[str, ...]) -> Scenario:
    """With the deployments of which the profile tells."""
    scenario = load_scenario(SCENARIOS / f"{name}.yaml", [*SHORT, *AS_MEASURED, *changes])
    told = [
        entry for entry in scenario.deployments if identity_of(entry).name in _profile().deployments
    ]
    return scenario.model_copy(update={"deployments": tuple(told)})


@cache
def _profile() -> Profile:
    return load_profile(PROFILE)


def requests(scenario: Scenario) -> str:
    """All columns of all requests in virtual time, as CSV."""
    table, _ = run_virtual(scenario, _profile())
    return str(rounded(table).to_csv(index=False, lineterminator="\n"))


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Times to DIGITS; a zero has no sign."""
    times = [name for name in table.columns if name.endswith("_s")]
    return table.assign(**{name: table[name].round(DIGITS) + 0.0 for name in times})


def schema() -> str:
    """`testbed schema`."""
    return json.dumps(Scenario.model_json_schema(), indent=2) + "\n"


def summary_shape() -> str:
    """Every key of summary.json with the type of its value."""
    _, summary = run_virtual(_shipped("lte"), _profile())
    return json.dumps(_shape(summary), indent=1) + "\n"


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return "number" if isinstance(value, int | float) else type(value).__name__


def _check(name: str) -> str:
    return dump_scenario(load_scenario(Path("scenarios") / f"{name}.yaml"))


def _tc(name: str) -> str:
    return show_tc(SCENARIOS / f"{name}.yaml", None) + "\n"


NOT_NETEM_S = ("congested-wifi", "driving-lte", "mmwave", "subway-3g", "lossy", "lte-outage")
"""Scenarios whose link netem cannot give."""


def _devices() -> str:
    """Digest of requests.parquet where both halves name a device: the same on every processor."""
    scenario = load_scenario(SCENARIOS / "lte.yaml", [*SHORT, *NAMED])
    table, _ = run_virtual(scenario, repertoire_of(scenario, Contents()))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "requests.parquet"
        write_table(table, file)
        return hashlib.sha256(file.read_bytes()).hexdigest() + "\n"


FILES: Mapping[str, Callable[[], str]] = {
    **{f"virtual/{name}.csv": partial(lambda n: requests(_shipped(n)), name) for name in NAMES},
    **{f"virtual/lte-{n}.csv": partial(lambda n: requests(_strained(n)), n) for n in STRAINED},
    **{f"check/{name}.yaml": partial(_check, name) for name in NAMES},
    **{f"tc/{name}.txt": partial(_tc, name) for name in NAMES if name not in NOT_NETEM_S},
    "virtual/devices.sha256": _devices,
    "schema.json": schema,
    "summary-shape.json": summary_shape,
}
"""File in this folder -> what makes its content."""
