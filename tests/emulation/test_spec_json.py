import json

import pytest

from emulation.errors import SpecError
from emulation.queues.codel import CoDel
from emulation.spec import GilbertElliott, LaneSpec, LinkSpec, Outage, link_from_json, link_to_json
from emulation.trace import RateTrace

PLAIN = LaneSpec(rate_bps=12e6 / 7, delay_s=0.1 + 0.2, jitter_s=1e-3, loss=1 / 3)
RICH = LaneSpec(
    loss=GilbertElliott(0.01, 0.3, 0.9, 0.001),
    distribution="pareto",
    jitter_s=2e-3,
    reorder=True,
    queue_bytes=64_000,
    trace=RateTrace("lte", (0, 1, 1, 7)),
    trace_offset_s=0.003,
    outages=(Outage(1.5, 0.25), Outage(4, 1)),
    queue_policy=CoDel(target_s=3e-3),
)


@pytest.mark.parametrize("spec", [LinkSpec(PLAIN, RICH), LinkSpec(RICH, LaneSpec(), "bbr")])
def test_reads_back_as_the_same(spec: LinkSpec) -> None:
    assert link_from_json(link_to_json(spec)) == spec


def test_is_one_line() -> None:
    assert "\n" not in link_to_json(LinkSpec(PLAIN, RICH))


def test_what_is_read_is_checked() -> None:
    fields = json.loads(link_to_json(LinkSpec(PLAIN, PLAIN)))
    fields["uplink"]["loss"] = 2
    with pytest.raises(SpecError, match="loss"):
        link_from_json(json.dumps(fields))
