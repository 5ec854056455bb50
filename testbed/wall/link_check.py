"""Is the link the one that was asked for? Measured before a run, and stored beside what was asked.

`emulation.probe.measure` measures; here it is decided whether the run may go on, and written down.
The link is renewed for that, without its outages: they are for requests, and would hide from the
probe what was configured.
"""

from dataclasses import asdict, dataclass, field
from math import isnan
from typing import Any

from emulation.errors import LinkOutOfTolerance
from emulation.link import Link
from emulation.probe.expectation import Achieved, Tolerance, check
from emulation.probe.measure import probe_link
from emulation.spec import LinkSpec, Weather
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.results.summary import AchievedLink

ATTEMPTS = 2
"""A 99 % interval misses once in a hundred by chance; a second look tells chance from fault."""


@dataclass(slots=True)
class LinkCheck:
    """Every probe made, and what was wrong with the last one (nothing: within tolerance).

    after, drift: the probe after the run, and what was wrong with it.
    """

    violations: list[str]
    probes: list[Achieved]
    after: dict[str, Any] = field(default_factory=dict)
    drift: list[str] = field(default_factory=list)


def check_link(link: Link, scenario: Scenario) -> LinkCheck:
    """Probe until within tolerance, at most ATTEMPTS times.

    Raises LinkOutOfTolerance naming each violation, unless the scenario turns tolerance off.
    """
    spec, tolerance = scenario.link.to_spec(), _tolerance(scenario)
    checked = LinkCheck([], [])
    for attempt in range(ATTEMPTS):
        checked.probes.append(_probe(link, spec, scenario, f"probe {attempt}"))
        checked.violations = check(checked.probes[-1], spec, tolerance)
        if not checked.violations:
            break
    if checked.violations and scenario.link.tolerance is not None:
        raise LinkOutOfTolerance(
            f"{link.backend} link: {'; '.join(checked.violations)} "
            f"(found {ATTEMPTS} times; --set link.tolerance=off runs all the same)"
        )
    return checked


def check_after(link: Link, scenario: Scenario, checked: LinkCheck) -> None:
    """Probe once more after the run: drift is reported, and costs no number."""
    spec = scenario.link.to_spec()
    found = _probe(link, spec, scenario, "probe after")
    checked.after, checked.drift = asdict(found), check(found, spec, _tolerance(scenario))


def _probe(link: Link, spec: LinkSpec, scenario: Scenario, name: str) -> Achieved:
    """A look of that name at the link, in fair weather of its own. Raises LinkFault."""
    weather = Weather(seed_for(scenario.seed, f"link, {name}"), outages=False)
    link.renew(weather)
    return probe_link(link, weather.over(spec), seed_for(scenario.seed, name))


def _tolerance(scenario: Scenario) -> Tolerance:
    """What the scenario allows; the defaults where it turns the check off."""
    asked = scenario.link.tolerance
    return Tolerance(asked.rate, asked.rtt) if asked else Tolerance()


def untold(achieved: Achieved) -> list[str]:
    """What the probe could not measure of a link that is as configured, one line each."""
    lines = [] if achieved.pings_answered else ["no round trip was measured: no ping came back"]
    for name, way in (("uplink", achieved.uplink), ("downlink", achieved.downlink)):
        if way.rate_untold:
            lines.append(f"the {name}'s rate was not measured: {way.rate_untold}")
    return lines


def achieved_link(achieved: Achieved) -> AchievedLink:
    """The probe's findings under the names summary.json uses."""
    return {
        "uplink_rate_bps": achieved.uplink.rate_bps,
        "downlink_rate_bps": achieved.downlink.rate_bps,
        "rtt_ms": {
            "p50": _told(achieved.rtt_p50_s * 1e3),
            "p99": _told(achieved.rtt_p99_s * 1e3),
        },
        "uplink_loss": _told(achieved.uplink.loss),
        "downlink_loss": _told(achieved.downlink.loss),
    }


def _told(value: float) -> float | None:
    return None if isnan(value) else value
