"""Every block of a real run meets the same weather, and the probe meets a fair one."""

import pytest

from emulation.errors import LinkFault
from emulation.link import LoopbackLink, Transport, load_backend
from emulation.spec import Weather
from testbed.config.scenario import Scenario
from testbed.lifecycle.plan import weather_of
from testbed.results.record import Outcome, RequestRecord
from testbed.wall.link_check import LinkCheck, check_after, check_link
from testbed.wall.session import Findings, Session
from tests.testbed.virtual import made_up

pytestmark = pytest.mark.realtime

HZ = 40
DEADLINE_S = 0.1
OUTAGE_AT_S, OUTAGE_S = 0.5, 0.4
LATE_BY_S = 0.15
"""How much of the weather passes before a block's first request: hello, warm-up, a busy machine."""


def scenario(repeats: int = 1) -> Scenario:
    outage = {"at": f"{OUTAGE_AT_S}s", "lasting": f"{OUTAGE_S}s"}
    return made_up.scenario(
        {"split": {"codec": "fp32"}},
        {"remote": {"codec": "raw"}},
        link={"delay": "2ms", "outages": [outage]},
        workload={
            "dataset": "blank", "camera_px": 16, "requests": HZ, "warmup": 2,
            "arrival": {"periodic": f"{HZ}hz"}, "deadline": f"{DEADLINE_S}s",
        },
        repeats=repeats,
    )  # fmt: skip


def test_an_outage_makes_the_same_requests_of_every_block_late() -> None:
    records: list[RequestRecord] = []
    asked, findings = scenario(), Findings(records.append)
    backend = load_backend("simpy")
    with (
        backend.open(asked.link.to_spec(), seed=1) as link,
        Session(link, asked, findings) as session,
    ):
        session.run()
    assert findings.faults == []
    for deployment in ("split-fp32", "remote-raw"):
        late = [
            record.due_s
            for record in records
            if record.deployment == deployment and record.outcome != Outcome.ANSWERED
        ]
        latest_s = OUTAGE_AT_S + OUTAGE_S - DEADLINE_S
        assert OUTAGE_AT_S - LATE_BY_S <= late[0] <= OUTAGE_AT_S
        assert latest_s - LATE_BY_S <= late[-1] <= latest_s
        assert len(late) >= (OUTAGE_S - DEADLINE_S) * HZ - 2


class Watched(LoopbackLink):
    """Remembers its weather, and lets nobody measure it."""

    def __init__(self) -> None:
        self.weathers: list[Weather] = []

    def renew(self, weather: Weather) -> None:
        self.weathers.append(weather)

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        raise LinkFault("not to be measured")


def test_the_probes_before_and_after_a_run_meet_no_outage() -> None:
    asked, link = scenario(), Watched()
    with pytest.raises(LinkFault):
        check_link(link, asked)
    with pytest.raises(LinkFault):
        check_after(link, asked, LinkCheck([], []))
    before, after = link.weathers
    assert not (before.outages or after.outages)
    assert before.offset_s == after.offset_s == 0
    assert before.seed != after.seed


def test_each_block_begins_with_the_weather_of_its_repeat() -> None:
    class Renewed(LoopbackLink):
        def renew(self, weather: Weather) -> None:
            weathers.append(weather)

    weathers: list[Weather] = []
    asked = scenario(repeats=2)
    asked = asked.model_copy(update={"workload": asked.workload.model_copy(update={"requests": 2})})
    with Renewed() as link, Session(link, asked, Findings(lambda record: None)) as session:
        session.run()
    spec = asked.link.to_spec()
    assert weathers == [weather_of(asked, spec, repeat) for repeat in (0, 0, 1, 1)]
