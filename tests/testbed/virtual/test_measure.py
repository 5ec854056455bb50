"""Profiles of real halves: two processes, the null model, real images and codecs."""

from pathlib import Path

import numpy as np
import pytest

from testbed.config.scenario import Scenario
from testbed.halves.codec import make_codec
from testbed.halves.workload import load_dataset
from testbed.virtual import measure, run_virtual
from testbed.virtual.cache import profile_file, profile_for
from testbed.virtual.measure import rehearsal, requests_of
from testbed.virtual.profile import Profile
from tests.testbed.virtual import made_up

pytestmark = pytest.mark.realtime

ROWS = 20
RESTS = ((0.03, 0.5), (0.1, 0.2))
"""Shorter than in earnest."""


def tiny() -> Scenario:
    return Scenario.model_validate(
        {
            "name": "tiny",
            "link": {"uplink": {"delay": "20ms"}, "downlink": {"delay": "20ms"}},
            "model": {"backbone": "null", "feature_bytes": 5000},
            "workload": {"camera_px": 48, "requests": 200, "warmup": 2},
            "deployments": ["local", {"remote": {"codec": "jpeg"}}, {"split": {"codec": "fp16"}}],
            "repeats": 1,
        }
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Profile, list[str], Path]:
    folder = tmp_path_factory.mktemp("profiles")
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "RESTS", RESTS)
        return profile_for(tiny(), folder, said.append, rows=ROWS), said, folder


def test_it_is_made_once_and_a_line_says_so(measured: tuple[Profile, list[str], Path]) -> None:
    profile, said, folder = measured
    file = profile_file(tiny(), folder)
    assert said == [f"no profile of these halves yet: measuring one, kept as {file}"]
    assert profile_for(tiny(), folder, said.append) == profile


def test_bytes_are_those_of_the_encoded_images(
    measured: tuple[Profile, list[str], Path],
) -> None:
    profile, _, _ = measured
    images = load_dataset(tiny())
    codec = make_codec("jpeg", 90)
    expected = [codec.encode(images.image(n)).size_bytes for n in profile.samples[:5]]
    assert list(profile.of("remote-jpeg-q90").payload_up_bytes[:5]) == expected
    assert set(profile.of("split-fp16").payload_up_bytes) == {2500}
    assert [profile.labels["shape"][row] for row in range(5)] == [
        images.labels(n)["shape"] for n in profile.samples[:5]
    ]


def test_every_stage_is_a_distribution(measured: tuple[Profile, list[str], Path]) -> None:
    profile, _, _ = measured
    assert len(profile) == ROWS
    for name in ("remote-jpeg-q90", "split-fp16"):
        deployment = profile.of(name)
        assert len(deployment.rested) == len(RESTS)
        for stages in (deployment.at_once, *(rested.stages for rested in deployment.rested)):
            for column in (stages.uplink_s, stages.server_tail_s, stages.downlink_s):
                assert len(set(column)) > len(column) / 2
                assert min(column) > 0
    assert not any(profile.of("local").rested[0].stages.uplink_s)
    assert 0 < profile.floor.p50_s < profile.floor.p99_s


def test_pauses_are_as_long_as_asked_for(measured: tuple[Profile, list[str], Path]) -> None:
    profile, _, _ = measured
    for deployment in profile.deployments.values():
        found_s = [rested.pause_s for rested in deployment.rested]
        assert found_s == pytest.approx([pause_s for pause_s, _ in RESTS], rel=0.5)
        assert [len(rested.stages.head_s) for rested in deployment.rested] == [10, 6]


def test_a_run_with_it_is_the_link_on_top(measured: tuple[Profile, list[str], Path]) -> None:
    profile, _, _ = measured
    requests, summary = run_virtual(tiny(), profile)
    split = requests[requests["deployment"] == "split-fp16"]
    measured_of = profile.of("split-fp16")
    stages = [measured_of.at_once, *(rested.stages for rested in measured_of.rested)]
    least_ms = 1e3 * min(sum(min(column) for _, column in one) for one in stages)
    most_ms = 1e3 * max(sum(max(column) for _, column in one) for one in stages)
    assert np.ptp(split["latency_s"]) > 0
    assert split["latency_s"].min() * 1e3 >= 40 + least_ms - 1e-6
    assert split["latency_s"].max() * 1e3 <= 40 + most_ms + 1e-6
    assert [d["requests"] for d in summary["deployments"]] == [200, 200, 200]


def test_the_rehearsal_is_the_scenario_without_its_link() -> None:
    scenario = made_up.scenario(
        link={"rate": "1mbit", "loss": "2%"}, edge={"slowdown": 8}, workload={"deadline": "10ms"}
    )
    rehearsed = rehearsal(scenario, rows=10)
    spec = rehearsed.link.to_spec().uplink
    assert (spec.rate_bps, spec.delay_s, spec.loss) == (None, 0, 0)
    assert rehearsed.workload.requests * rehearsed.repeats == 12  # three in each of four rounds
    assert requests_of(scenario, rows=10) == 2 * (12 + 6 + 6 + 6 + 6)
    assert rehearsed.edge == scenario.edge
    assert rehearsed.model == scenario.model
    assert rehearsed.deployments == scenario.deployments
