"""The links of the traffic study, and how long a payload takes on one."""

from dataclasses import dataclass
from pathlib import Path

import testbed
from testbed.config.scenario_file import load_scenario
from testbed.paper.claims import ASSUMED_DELAY_S, ASSUMED_RATE_BPS

SCENARIOS = Path(testbed.__file__).resolve().parent.parent / "scenarios"
"""Where the project's own scenarios are in a checkout; an installed package has none."""

ASSUMED = "authors' earlier work"


@dataclass(frozen=True)
class Uplink:
    """The way from edge to server. rate_bps: None is unlimited; half_rtt_s: one way's delay."""

    name: str
    rate_bps: float | None
    half_rtt_s: float

    def transfer_s(self, payload_bytes: float) -> float:
        """RTT/2 + bytes * 8 / rate: no headers, no slow start, no queue, nothing lost."""
        sending = 0.0 if self.rate_bps is None else payload_bytes * 8 / self.rate_bps
        return self.half_rtt_s + sending


def uplinks() -> list[Uplink]:
    """The authors' link and those of the project's scenarios, slowest first.

    Where a rate varies it is the trace's mean.
    """
    found = [Uplink(ASSUMED, ASSUMED_RATE_BPS, ASSUMED_DELAY_S)]
    for file in sorted(SCENARIOS.glob("*.yaml")):
        scenario = load_scenario(file)
        link = scenario.link.to_spec()
        up = link.uplink
        rate_bps = up.trace.mean_rate_bps if up.trace is not None else up.rate_bps
        found.append(Uplink(scenario.name, rate_bps, (up.delay_s + link.downlink.delay_s) / 2))
    return sorted(found, key=lambda link: link.rate_bps or float("inf"))
