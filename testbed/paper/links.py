"""The project's own links, and the one that the authors assumed, as ideal ones."""

from dataclasses import dataclass
from pathlib import Path

import testbed
from testbed.config.scenario_file import load_scenario
from testbed.paper.claims import ASSUMED_DELAY_S, ASSUMED_RATE_BPS

SCENARIOS = Path(testbed.__file__).resolve().parents[1] / "scenarios"
"""Where the project's own scenarios are in a checkout; an installed package has none."""

ASSUMED = "authors' earlier work"


@dataclass(frozen=True)
class IdealLink:
    """A way from edge to server without headers, slow start, queue or loss.

    name: of its scenario, too. rate_bps: of the uplink; None is unlimited. slowdown: of the
    scenario's edge.
    """

    name: str
    rate_bps: float | None
    rtt_s: float
    slowdown: float = 1.0

    def sending_s(self, payload_bytes: float) -> float:
        """How long the sender needs for it."""
        return 0.0 if self.rate_bps is None else payload_bytes * 8 / self.rate_bps

    def transfer_s(self, payload_bytes: float) -> float:
        """From the first bit sent to the last one there: RTT/2 + bytes * 8 / rate."""
        return self.rtt_s / 2 + self.sending_s(payload_bytes)


def scenario_link(name: str) -> IdealLink:
    """Of one of the project's scenarios; where the rate varies it is the trace's mean.

    Raises BadInput where the scenarios are not beside the code.
    """
    scenario = load_scenario(scenario_file(name))
    spec = scenario.link.to_spec()
    up = spec.uplink
    rate_bps = up.trace.mean_rate_bps if up.trace is not None else up.rate_bps
    rtt_s = up.delay_s + spec.downlink.delay_s
    return IdealLink(scenario.name, rate_bps, rtt_s, scenario.edge.slowdown)


def scenario_file(name: str) -> Path:
    """Where the scenario is."""
    return SCENARIOS / f"{name}.yaml"


def all_links() -> list[IdealLink]:
    """The authors' link and those of the project's scenarios, slowest first."""
    found = [IdealLink(ASSUMED, ASSUMED_RATE_BPS, 2 * ASSUMED_DELAY_S)]
    found += [scenario_link(file.stem) for file in sorted(SCENARIOS.glob("*.yaml"))]
    return sorted(found, key=lambda link: link.rate_bps or float("inf"))
