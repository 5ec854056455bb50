"""An edge waits as long as its link and its devices take, and says how long it may be silent."""

from dataclasses import replace
from pathlib import Path

import pytest

from emulation.patience import exchange_s
from emulation.spec import LaneSpec, LinkSpec
from testbed.channel import HOST_S
from testbed.config.scenario import Scenario
from testbed.halves.patience import COMPUTE_S, HELLO_TURNS, WORD_BYTES, Patience
from tests.testbed import made_up_device
from tests.testbed.halves_in_threads import NEAR, null_network

FAR = Patience(LinkSpec(LaneSpec(delay_s=3.0), LaneSpec(delay_s=3.0)))
SLOW = Patience(LinkSpec(LaneSpec(rate_bps=9600), LaneSpec(rate_bps=9600)))


def scenario(**changes: object) -> Scenario:
    tree = {
        "name": "patient",
        "link": {"uplink": {}, "downlink": {}},
        "model": {"backbone": "null"},
        "workload": {"dataset": "blank", "camera_px": 16, "warmup": 2, "timeout": "5s"},
        "deployments": ["local"],
    }
    return Scenario.model_validate(tree | changes)


def test_with_nothing_between_them_it_is_what_hosts_need() -> None:
    assert NEAR.hello_s() == pytest.approx(HOST_S)
    assert NEAR.word_s() == pytest.approx(HOST_S)
    assert NEAR.answer_s(10**6) == pytest.approx(HOST_S + NEAR.compute_s)


def test_a_hello_has_the_time_of_all_its_round_trips() -> None:
    assert FAR.hello_s() - HOST_S >= HELLO_TURNS * 6.0
    assert FAR.word_s() - HOST_S >= 6.0


def test_an_answer_has_the_time_that_its_payload_takes() -> None:
    payload_s = 12_288 * 8 / 9600
    assert SLOW.answer_s(12_288) - SLOW.answer_s() >= payload_s
    assert SLOW.answer_s(12_288) - SLOW.answer_s() < 2 * payload_s
    assert FAR.hello_s() == HOST_S + exchange_s(FAR.link, WORD_BYTES, WORD_BYTES, HELLO_TURNS)


@pytest.mark.parametrize(("loss", "hopeless"), [(0.0, False), (0.99, False), (1.0, True)])
def test_only_where_nothing_gets_through_is_there_nothing_to_wait_for(
    loss: float, hopeless: bool
) -> None:
    for spec in (
        LinkSpec(LaneSpec(loss=loss), LaneSpec()),
        LinkSpec(LaneSpec(), LaneSpec(loss=loss)),
    ):
        assert Patience(spec).hopeless == hopeless


@pytest.mark.parametrize(
    ("changes", "longer_s"),
    [
        ({"arrival": {"pause": "60s"}}, 60),
        ({"arrival": {"periodic": "0.01hz"}}, 100),
        ({"timeout": "300s"}, 295),
    ],
)
def test_an_edge_may_be_silent_as_long_as_nothing_has_to_happen(
    changes: dict[str, object], longer_s: float
) -> None:
    usual = {"dataset": "blank", "camera_px": 16, "timeout": "5s"}
    usual_s = NEAR.silence_s(scenario(workload=usual))
    assert usual_s >= NEAR.hello_s() + NEAR.compute_s + 5
    assert NEAR.silence_s(scenario(workload=usual | changes)) - usual_s == pytest.approx(longer_s)


def test_a_slower_edge_or_device_has_more_time(tmp_path: Path) -> None:
    network = null_network()
    usual = Patience.of(scenario(), network)
    assert usual.compute_s == 2 * COMPUTE_S
    slowed = Patience.of(scenario(edge={"slowdown": 30}), network)
    assert slowed.compute_s == 31 * COMPUTE_S
    assert replace(slowed, compute_s=usual.compute_s) == usual
    seconds = {"block_s": 60.0, "heads_s": 5.0, "codec_s": 0.0, "transport_s": 0.0, "widest": 2.0}
    device = {"device": str(made_up_device.write(tmp_path, **seconds))}
    named = Patience.of(scenario(edge=device, server=device), network)
    assert named.compute_s == pytest.approx(2 * COMPUTE_S + 2 * 2 * 65)
