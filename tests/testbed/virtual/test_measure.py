"""Profiles of real halves: two processes, the null model, real images and codecs."""

from functools import partial
from math import inf
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import numpy as np
import pytest

from emulation.link import Closing, Link
from emulation.meter import NoMeter
from testbed.channel.zeromq import ZeroMqEdge
from testbed.codecs.jpeg import Jpeg
from testbed.config.scenario import Scenario
from testbed.errors import BadInput
from testbed.halves.edge_run import EdgeParts, run_edge
from testbed.halves.events import Ready
from testbed.halves.workload import load_dataset
from testbed.model.load import NullNetwork
from testbed.network import Activation
from testbed.results.record import Outcome, RequestRecord
from testbed.results.table import table_of
from testbed.virtual import measure, run_virtual
from testbed.virtual.measure import profile_file, profile_for, rehearsal, requests_of
from testbed.virtual.profile import Profile
from testbed.wall.session import Findings
from tests.testbed.halves_in_threads import FEATURE_BYTES, NEAR, TASKS, null_network, serving
from tests.testbed.virtual import made_up

pytestmark = pytest.mark.realtime

ROWS = 20
PAUSES = ((0.03, 0.5), (0.1, 0.2))
"""Shorter than in earnest."""
PAUSE_S = 0.3
"""Longer than any scheduler keeps a request waiting."""


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
        patch.setattr(measure, "PAUSES", PAUSES)
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
    codec = Jpeg(quality=90)
    expected = [codec.encode(images.image(n)).nbytes for n in profile.samples[:5]]
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
        assert len(deployment.after_pauses) == len(PAUSES)
        for stages in (deployment.at_once, *(after.stages for after in deployment.after_pauses)):
            for column in (stages.uplink_s, stages.server_tail_s, stages.downlink_s):
                assert len(set(column)) > len(column) / 2
                assert min(column) > 0
    assert not any(profile.of("local").after_pauses[0].stages.uplink_s)
    assert 0 < profile.floor.p50_s < profile.floor.p99_s


def test_pauses_are_as_long_as_asked_for(measured: tuple[Profile, list[str], Path]) -> None:
    profile, _, _ = measured
    for deployment in profile.deployments.values():
        found_s = [after.pause_s for after in deployment.after_pauses]
        assert found_s == pytest.approx([pause_s for pause_s, _ in PAUSES], rel=0.5)
        assert [len(after.stages.head_s) for after in deployment.after_pauses] == [10, 6]


def test_a_run_with_it_is_the_link_on_top(measured: tuple[Profile, list[str], Path]) -> None:
    profile, _, _ = measured
    requests, summary = run_virtual(tiny(), profile)
    split = requests[requests["deployment"] == "split-fp16"]
    measured_of = profile.of("split-fp16")
    stages = [measured_of.at_once, *(after.stages for after in measured_of.after_pauses)]
    least_ms = 1e3 * min(sum(min(column) for _, column in one) for one in stages)
    most_ms = 1e3 * max(sum(max(column) for _, column in one) for one in stages)
    assert np.ptp(split["latency_s"]) > 0
    assert split["latency_s"].min() * 1e3 >= 40 + least_ms - 1e-6
    assert split["latency_s"].max() * 1e3 <= 40 + most_ms + 1e-6
    assert [d["requests"] for d in summary["deployments"]] == [200, 200, 200]


class SlowAfterPause(NullNetwork):
    """Takes twice as long when the call before is some time ago."""

    def __init__(self) -> None:
        super().__init__(TASKS, FEATURE_BYTES)
        self._done_s = -inf

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        rested = perf_counter() - self._done_s > PAUSE_S / 2
        sleep(0.04 if rested else 0.02)  # a busy host cannot make this twice as long
        self._done_s = perf_counter()
        return super().run(x, start, stop)


class InThreads(Closing):
    """Stands in for the pair of processes: real halves, but with a network of our own."""

    network: NullNetwork

    def __init__(self, link: Link, scenario: Scenario, findings: Findings) -> None:
        self._scenario, self._findings = scenario, findings
        network = self.network
        findings.take(Ready(network.identity, network.blocks, network.weights, False, {}))

    def run(self) -> None:
        with serving(null_network()) as server:
            dataset = load_dataset(self._scenario)
            dial = partial(ZeroMqEdge, server.address)
            parts = EdgeParts(self._scenario, self.network, dataset, dial, NEAR, NoMeter())
            run_edge(parts, self._findings.take)

    def close(self) -> None:
        pass


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> type[InThreads]:
    monkeypatch.setattr(measure, "Session", InThreads)
    monkeypatch.setattr(measure, "PAUSES", ((PAUSE_S, 0.5),))
    return InThreads


def of_threads(*deployments: str) -> Scenario:
    tree = tiny().model_dump(mode="json") | {"deployments": list(deployments)}
    model = {"backbone": "null", "feature_bytes": FEATURE_BYTES}
    return Scenario.model_validate(tree | {"model": model})


def test_a_network_twice_as_slow_after_a_pause_is_measured(in_threads: type[InThreads]) -> None:
    in_threads.network = SlowAfterPause()
    profile = measure.measure_profile(of_threads("local", "split"), rows=6)
    for deployment in profile.deployments.values():
        (after,) = deployment.after_pauses
        assert after.pause_s == pytest.approx(PAUSE_S, abs=PAUSE_S / 2)
        assert median(after.stages.head_s) > 1.5 * median(deployment.at_once.head_s)


class Unable(NullNetwork):
    """Whole it works; for some time after the check of the cut, half of it gives what no server
    takes.
    """

    def __init__(self) -> None:
        super().__init__(TASKS, FEATURE_BYTES)
        self._calls = 0

    def run(self, x: Activation, start: int, stop: int) -> Activation:
        made = super().run(x, start, stop)
        if isinstance(made, list):
            return made
        self._calls += 1
        return made[:, :-1] if 10 <= self._calls <= 26 else made


def test_a_deployment_that_cannot_be_had_leaves_the_others(
    in_threads: type[InThreads], tmp_path: Path
) -> None:
    in_threads.network = Unable()
    scenario = of_threads("local", "split")
    said: list[str] = []
    profile = profile_for(scenario, tmp_path, said.append, rows=6)
    assert list(profile.deployments) == ["local"]
    assert "does not fit" in profile.left_out["split-fp16"]
    with pytest.raises(BadInput, match="split-fp16 lost a request"):
        run_virtual(scenario, profile)
    in_threads.network = null_network()
    again = profile_for(scenario, tmp_path, said.append, rows=6)
    assert list(again.deployments) == ["local", "split-fp16"]


def test_pauses_that_come_out_equal_or_wrong_are_kept_once_or_not_at_all() -> None:
    def record(index: int, issued_s: float) -> RequestRecord:
        done_s = issued_s + 0.1
        marks = (issued_s, issued_s, done_s, done_s)
        return RequestRecord(
            "local", 0, index, 0, *marks, answered_s=done_s, outcome=Outcome.ANSWERED
        )

    even = [record(index, index * 0.2) for index in range(3)]
    early = [record(index, index * 0.05) for index in range(3)]
    runs = [table_of(records) for records in (even, early, even, even[:1], [])]
    found = measure._after_pauses(runs, crosses_link=False)
    assert [after.pause_s for after in found] == pytest.approx([0.1])


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


def test_what_an_edge_falls_back_on_is_measured_and_nothing_falls_back_meanwhile() -> None:
    plain = made_up.scenario("split")
    falls_back = made_up.scenario("split", edge={"fallback": "local", "after": "300ms"})
    wanted = requests_of(made_up.scenario("split", "local"), rows=10)
    assert requests_of(falls_back, rows=10) == wanted == 2 * requests_of(plain, rows=10)
    alone = falls_back.without_fallback()
    assert rehearsal(alone, rows=10).edge == plain.edge
    assert alone.deployments == (*plain.deployments, "local")
