"""A LinkSpec as JSON and back, for handing it to another process.

Every number survives exactly (JSON carries the shortest text that reads back as the same float),
and what is read back is checked like any other spec.
"""

import json
from dataclasses import asdict
from typing import Any

from emulation.queues import POLICIES, name_of
from emulation.spec import GilbertElliott, LaneSpec, LinkSpec, Outage
from emulation.trace import RateTrace


def link_to_json(spec: LinkSpec) -> str:
    """One line of JSON."""
    fields = asdict(spec)
    for name, lane in (("uplink", spec.uplink), ("downlink", spec.downlink)):
        policy = fields[name]["queue_policy"]
        fields[name]["queue_policy"] = {name_of(lane.queue_policy): policy}
    return json.dumps(fields)


def link_from_json(text: str) -> LinkSpec:
    """The spec that `link_to_json` wrote. Raises SpecError for values no link can have."""
    fields = json.loads(text)
    return LinkSpec(
        uplink=_lane(fields["uplink"]),
        downlink=_lane(fields["downlink"]),
        congestion_control=fields["congestion_control"],
    )


def _lane(fields: dict[str, Any]) -> LaneSpec:
    loss, trace = fields["loss"], fields["trace"]
    ((policy, parameters),) = fields["queue_policy"].items()
    nested = {
        "loss": GilbertElliott(**loss) if isinstance(loss, dict) else loss,
        "trace": trace and RateTrace(trace["name"], tuple(trace["delivery_ms"])),
        "outages": tuple(Outage(**outage) for outage in fields["outages"]),
        "queue_policy": POLICIES[policy](**parameters),
    }
    return LaneSpec(**(fields | nested))
