"""Is the link the one that was asked for? Measured before a run, and stored beside what was asked.

`emulation.probe.measure` measures; here it is decided whether the run may go on, and written down.
"""

from dataclasses import dataclass
from typing import Any

from emulation.errors import LinkOutOfTolerance
from emulation.link import Link
from emulation.probe.expectation import Achieved, Tolerance, check
from emulation.probe.measure import probe_link
from emulation.spec import LinkSpec
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.results.summary import AchievedLink

ATTEMPTS = 2
"""A 99 % interval misses once in a hundred by chance; a second look tells chance from fault."""


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """Every probe made, and what was wrong with the last one (nothing: within tolerance)."""

    probes: list[Achieved]
    violations: list[str]

    @property
    def achieved(self) -> Achieved:
        """The probe that counts: the last."""
        return self.probes[-1]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for link.json."""
        return {
            "violations": self.violations,
            "probes": [probe.as_dict() for probe in self.probes],
        }


def check_link(link: Link, spec: LinkSpec, scenario: Scenario) -> LinkCheck:
    """Probe until within tolerance, at most ATTEMPTS times.

    Raises LinkOutOfTolerance naming each violation, unless the scenario turns tolerance off.
    """
    tolerance = _tolerance(scenario)
    probes: list[Achieved] = []
    violations: list[str] = []
    for attempt in range(ATTEMPTS):
        probes.append(probe_link(link, spec, seed_for(scenario.seed, f"probe {attempt}")))
        violations = check(probes[-1], spec, tolerance)
        if not violations:
            break
    if violations and scenario.link.tolerance is not None:
        raise LinkOutOfTolerance(
            f"{link.backend} link: {'; '.join(violations)} "
            f"(found {ATTEMPTS} times; --set link.tolerance=off runs all the same)"
        )
    return LinkCheck(probes, violations)


def check_after(link: Link, spec: LinkSpec, scenario: Scenario) -> tuple[dict[str, Any], list[str]]:
    """Probe once more after the run: the findings, and in what the link has left its tolerance.

    Drift is reported, not fatal: the run is over, and its numbers say what they say.
    """
    found = probe_link(link, spec, seed_for(scenario.seed, "probe after"))
    return found.as_dict(), check(found, spec, _tolerance(scenario))


def _tolerance(scenario: Scenario) -> Tolerance:
    """What the scenario allows; the defaults where it turns the check off."""
    asked = scenario.link.tolerance
    return Tolerance(asked.rate, asked.rtt) if asked else Tolerance()


def achieved_link(achieved: Achieved) -> AchievedLink:
    """The probe's findings under the names summary.json uses."""
    return {
        "uplink_rate_bps": achieved.uplink.rate_bps,
        "downlink_rate_bps": achieved.downlink.rate_bps,
        "rtt_ms": {"p50": achieved.rtt_p50_s * 1e3, "p99": achieved.rtt_p99_s * 1e3},
        "uplink_loss": achieved.uplink.loss,
        "downlink_loss": achieved.downlink.loss,
    }
