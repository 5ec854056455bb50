"""Scenarios: what each key means, and what the effective one is."""

from pathlib import Path

import pytest
import yaml

from emulation.queues.codel import CoDel
from emulation.spec import MTU_BYTES, GilbertElliott
from testbed.config.deployments import identity_of
from testbed.config.scenario_file import dump_scenario, load_scenario
from tests.testbed.config.scenarios import SCENARIOS, lte, parse


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios_load_and_say_what_they_are(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.name == path.stem
    assert scenario.description
    assert {identity_of(entry).kind for entry in scenario.deployments} == {
        "local",
        "remote",
        "split",
    }


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_effective_scenario_loads_to_the_same(path: Path) -> None:
    scenario = load_scenario(path)
    assert parse(dump_scenario(scenario)) == scenario


def test_units_become_si() -> None:
    uplink = lte().link.to_spec().uplink
    assert uplink.rate_bps == 12e6
    assert uplink.delay_s == 0.025
    assert uplink.loss == 0.001
    assert uplink.queue_bytes == 150_000


def test_effective_scenario_shows_units_and_defaults() -> None:
    tree = yaml.safe_load(dump_scenario(lte()))
    assert tree["link"]["uplink"]["rate"] == "12mbit"
    assert tree["link"]["uplink"]["distribution"] == "normal"
    assert tree["deployments"] == [
        "local",
        {"remote": {"codec": "jpeg", "quality": 90, "resize": "none"}},
        {"remote": {"codec": "jpeg", "quality": 90, "resize": "model"}},
        {"remote": {"codec": "raw", "resize": "model"}},
        {"split": {"codec": "fp16", "cut": None}},
    ]


def test_overrides_reach_every_depth() -> None:
    scenario = lte(
        "link.uplink.rate=1gbit",
        "deployments.1.remote.quality=50",
        "workload.arrival={periodic: 10hz}",
        "link.tolerance=off",
        "model.backbone=null",
    )
    assert scenario.link.uplink.rate == 1e9
    assert identity_of(scenario.deployments[1]).name == "remote-jpeg-q50"
    assert scenario.link.tolerance is None
    assert scenario.model.backbone == "null"
    assert parse(dump_scenario(scenario)) == scenario


def test_an_image_may_be_resized_to_less_than_the_camera_s_shorter_side() -> None:
    changes = ("deployments.1.remote.resize=719", "workload.camera_px=1280x720")
    assert identity_of(lte(*changes).deployments[1]).name == "remote-jpeg-q90-719px"
    assert parse(dump_scenario(lte(*changes))) == lte(*changes)


def test_burst_loss() -> None:
    scenario = lte("link.uplink.loss={gilbert_elliott: {p: 1%, r: 50%}}")
    assert scenario.link.to_spec().uplink.loss == GilbertElliott(0.01, 0.5)


@pytest.mark.parametrize("queue", ["100ms", "50ms", "0s", "codel"])
def test_a_queue_given_as_a_time_holds_a_packet_on_however_slow_a_lane(queue: str) -> None:
    for rate in ("9600bit", "1kbit", "100bit"):
        lane = lte(f"link.uplink.queue={queue}", f"link.uplink.rate={rate}").link.to_spec().uplink
        assert lane.queue_bytes == MTU_BYTES
    wide = lte("link.uplink.queue=100ms", "link.uplink.rate=1mbit").link.to_spec().uplink
    assert wide.queue_bytes == 12_500


@pytest.mark.parametrize(
    ("queue", "target_s", "queue_bytes"),
    [("codel", 5e-3, 150_000), ("{codel: {target: 2ms, limit: 64kb}}", 2e-3, 65_536)],
)
def test_a_queue_with_a_policy(queue: str, target_s: float, queue_bytes: int) -> None:
    scenario = lte(f"link.uplink.queue={queue}")
    uplink = scenario.link.to_spec().uplink
    assert (uplink.queue_policy, uplink.queue_bytes) == (CoDel(target_s), queue_bytes)
    assert parse(dump_scenario(scenario)) == scenario


@pytest.mark.parametrize("change", ["0100", "1e2", "0x64", "'100'", "1_00", "+100"])
def test_a_number_is_what_people_mean_by_it(change: str) -> None:
    assert lte(f"workload.requests={change}").workload.requests == 100


@pytest.mark.parametrize(("word", "value"), [("on", True), ("no", False), ("true", True)])
def test_words_for_true_and_false(word: str, value: bool) -> None:
    assert lte(f"link.uplink.reorder={word}").link.uplink.reorder is value


@pytest.mark.parametrize("word", ["on", "yes", "n"])
def test_a_word_stays_one_where_a_word_is_meant(word: str) -> None:
    assert lte(f"name={word}", f"description={word}").name == word


def test_scenarios_are_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        lte().seed = 8


def test_what_is_computed_has_local_where_the_edge_falls_back_on_it() -> None:
    falls_back = ("edge.fallback=local", "edge.after=300ms")
    assert lte().computed == lte().deployments
    assert lte(*falls_back).computed == lte().deployments
    split = "deployments=[split: {}]"
    assert lte(*falls_back, split).computed == (*lte(split).deployments, "local")
