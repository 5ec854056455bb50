"""The project's own links, as the tasks study reckons and runs with them."""

from dataclasses import dataclass
from pathlib import Path

import testbed
from testbed.config.scenario_file import load_scenario
from testbed.errors import BadInput

LINKS = ("gigabit", "wifi", "lte")
"""Scenarios whose links have one constant rate, fast to slow."""


@dataclass(frozen=True)
class NamedLink:
    """A scenario's link: uplink rate, round trip, and how much slower its edge computes."""

    name: str
    file: Path
    uplink_bps: float
    rtt_s: float
    slowdown: float


def named_links() -> list[NamedLink]:
    """Those of `LINKS`. Raises BadInput where the project's scenarios are not beside its code."""
    return [_link(name) for name in LINKS]


def _link(name: str) -> NamedLink:
    file = Path(testbed.__file__).parents[1] / "scenarios" / f"{name}.yaml"
    scenario = load_scenario(file)
    spec = scenario.link.to_spec()
    if spec.uplink.rate_bps is None:
        raise BadInput(f"{file.name}: link.uplink: found no rate, allowed here: a constant one")
    return NamedLink(
        name=name,
        file=file,
        uplink_bps=spec.uplink.rate_bps,
        rtt_s=spec.uplink.delay_s + spec.downlink.delay_s,
        slowdown=scenario.edge.slowdown,
    )
