"""The summary hides nothing, adds up, and is strict JSON."""

import json
from dataclasses import replace
from math import nan
from typing import Any

import pytest

from testbed.config.weights import Weights
from testbed.results.derived import STAGES
from testbed.results.record import Outcome, RequestRecord
from testbed.results.summary import summarise
from testbed.results.table import table_of
from testbed.storage.strict_json import dumps
from tests.testbed import synthetic


def of(records: list[RequestRecord], **scenario: Any) -> dict[str, Any]:
    return summarise(
        synthetic.scenario(**scenario), table_of(records), synthetic.link_facts(), synthetic.TRAINED
    )


def request(latency_ms: float, index: int = 0, deployment: str = "local") -> RequestRecord:
    """A local request; NaN is lost, above 50 ms late. Its only label is 1, rightly predicted."""
    outcome = Outcome.ANSWERED if latency_ms <= 50 else Outcome.LATE
    known = latency_ms == latency_ms  # noqa: PLR0124 (NaN is unlike itself)
    end = 2.0 + latency_ms / 1e3
    return RequestRecord(
        deployment=deployment,
        repeat=index % 2,
        index=index,
        sample=index,
        outcome=outcome if known else Outcome.LOST,
        due_s=2.0,
        issued_s=2.0,
        head_done_s=end if known else 2.001,
        encode_done_s=end if known else 2.001,
        answered_s=end,
        labels={"shape": 1},
        predictions={"shape": 1} if known else {},
    )


def only(latencies_ms: list[float]) -> dict[str, Any]:
    """The summary of one local deployment with these latencies."""
    records = [request(ms, index) for index, ms in enumerate(latencies_ms)]
    deployment: dict[str, Any] = of(records, deployments=["local"])["deployments"][0]
    return deployment


def test_the_keys_others_rely_on() -> None:
    summary = of(synthetic.records(requests=4))
    assert summary["schema"] == 1
    assert (summary["scenario"], summary["backend"], summary["clock"]) == ("lte", "tun", "wall")
    assert summary["deadline_ms"] == 200
    assert set(summary["link"]) == {"configured", "achieved", "within_tolerance"}
    assert set(summary["link"]["achieved"]) <= set(summary["link"]["configured"])
    assert set(summary["floor_ms"]) == {"p50", "p99"}
    first, second, third = summary["deployments"]
    assert {
        *("name", "kind", "codec", "requests", "answered", "late", "lost"),
        *("latency_ms", "stages_ms", "payload_bytes", "wire_bytes", "accuracy"),
    } <= set(first)
    assert {"mean", "ci95", "p50", "p90", "p95", "p99"} <= set(first["latency_ms"])
    assert tuple(first["stages_ms"]) == STAGES
    named = [(d["name"], d["kind"], d["codec"]) for d in (first, second, third)]
    assert named == [
        ("local", "local", None),
        ("remote-jpeg-q90", "remote", "jpeg"),
        ("split-fp16", "split", "fp16"),
    ]


def test_the_link_is_told_as_configured_and_as_found() -> None:
    link = of(synthetic.records(requests=1))["link"]
    assert link["configured"]["uplink_rate_bps"] == 12e6
    assert link["configured"]["downlink_rate_bps"] == 40e6
    assert link["configured"]["rtt_ms"] == pytest.approx(50)
    assert link["configured"]["uplink_loss"] == pytest.approx(0.001)
    assert link["achieved"]["rtt_ms"] == {"p50": 50.9, "p99": 67.3}


@pytest.mark.parametrize("shared_clock", [True, False])
def test_stages_sum_to_the_mean(shared_clock: bool) -> None:
    timings = {
        name: replace(timing, shared_clock=shared_clock) for name, timing in synthetic.USUAL.items()
    }
    for deployment in of(synthetic.records(timings))["deployments"]:
        mean = deployment["latency_ms"]["mean"]
        assert sum(deployment["stages_ms"].values()) == pytest.approx(mean, rel=1e-12)
        assert deployment["stages_ms"]["other"] >= -1e-9


def test_a_missing_common_clock_moves_time_into_network() -> None:
    timings = {"split-fp16": replace(synthetic.SPLIT, shared_clock=False)}
    split = of(synthetic.records(timings), deployments=["split"])["deployments"][0]
    assert split["stages_ms"]["uplink"] == split["stages_ms"]["downlink"] == 0
    assert split["stages_ms"]["network"] == pytest.approx(57 + 26, rel=0.1)


def test_every_request_has_one_outcome() -> None:
    for deployment in of(synthetic.records())["deployments"]:
        counts = deployment["answered"] + deployment["late"] + deployment["lost"]
        assert counts == deployment["requests"] == 300
    late = only([10.0, 20.0, 60.0, nan])
    assert (late["answered"], late["late"], late["lost"]) == (2, 1, 1)


def test_percentiles_count_the_lost_as_infinitely_slow() -> None:
    found = only([float(ms) for ms in range(1, 97)] + [nan] * 4)["latency_ms"]
    assert [found[name] for name in ("p50", "p90", "p95")] == pytest.approx([50, 90, 95])
    assert found["p99"] is None
    assert found["mean"] == pytest.approx(48.5)  # of those that came
    assert found["percentiles_ci95"]["p50"][0] < 50 < found["percentiles_ci95"]["p50"][1]
    assert found["percentiles_ci95"]["p99"][1] is None


def test_the_interval_is_of_the_repeats() -> None:
    """Three requests or three hundred a repeat: it narrows with repeats alone."""
    few = only([10.0, 30.0])["latency_ms"]
    many = only([10.0, 30.0] * 50)["latency_ms"]
    assert few["ci95"] == pytest.approx(many["ci95"])
    assert few["ci95"][1] - few["mean"] == pytest.approx(12.706 * 10, rel=1e-4)
    assert of(synthetic.records())["method"]["intervals"].startswith("95 % from Student's t over")


def test_repeats_can_be_told_apart() -> None:
    found = only([10.0, 30.0, 12.0, 34.0])["latency_ms"]
    assert found["mean_by_repeat"] == pytest.approx([11.0, 32.0])


def test_a_lost_request_has_no_correct_answer() -> None:
    assert only([10.0, 20.0, 60.0, nan])["accuracy"] == {"shape": 0.75}
    assert only([nan, nan])["accuracy"] == {"shape": 0.0}


def test_wrong_answers_count_against() -> None:
    records = [request(10.0, index) for index in range(4)]
    records[2] = replace(records[2], predictions={"shape": 3})
    assert of(records, deployments=["local"])["deployments"][0]["accuracy"] == {"shape": 0.75}


def test_accuracy_needs_labels_and_a_network_that_predicts() -> None:
    unlabelled = [replace(request(10.0, i), labels={}) for i in range(3)]
    assert of(unlabelled, deployments=["local"])["deployments"][0]["accuracy"] == {}
    silent = [replace(request(10.0, i), predictions={}) for i in range(3)]
    assert of(silent, deployments=["local"])["deployments"][0]["accuracy"] == {}


def test_bytes_are_means_per_request_and_unknown_is_null() -> None:
    sizes = [(100, 250), (300, -1)]
    records = [
        replace(request(10.0, index), payload_up_bytes=payload, wire_up_bytes=wire)
        for index, (payload, wire) in enumerate(sizes)
    ]
    deployment = of(records, deployments=["local"])["deployments"][0]
    assert deployment["payload_bytes"] == {"up": 200, "down": 0}
    assert deployment["wire_bytes"] == {"up": 250, "down": None}


@pytest.mark.parametrize(
    "latencies_ms", [[], [nan], [10.0], [10.0, 10.0], [nan, nan, 10.0]], ids=str
)
def test_little_or_nothing_is_still_strict_json(
    latencies_ms: list[float], recwarn: pytest.WarningsRecorder
) -> None:
    records = [request(ms, index) for index, ms in enumerate(latencies_ms)]
    facts = synthetic.link_facts(floor_ms={"p50": nan, "p99": nan})
    scenario = synthetic.scenario(deployments=["local", "split"])
    summary = summarise(scenario, table_of(records), facts, synthetic.TRAINED)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(dumps(summary), parse_constant=refuse) == summary
    assert summary["deployments"][1]["requests"] == 0
    assert summary["deployments"][1]["latency_ms"]["p50"] is None
    assert not recwarn.list


def test_untrained_weights_have_no_accuracy() -> None:
    untrained = Weights("random", "random weights: accuracy says nothing")
    records = synthetic.records(requests=5)
    found = summarise(synthetic.scenario(), table_of(records), synthetic.link_facts(), untrained)
    assert found["weights"] == {"source": "random", "untrained": untrained.untrained}
    for deployment in found["deployments"]:
        assert deployment["accuracy"] == {"scale": None, "shape": None}
        assert deployment["latency_ms"]["p50"] > 0
