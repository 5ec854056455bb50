"""A run in virtual time against arithmetic."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emulation.transport.flow import HEADER_BYTES, MSS_BYTES
from testbed.errors import BadInput
from testbed.figures.kinds import draw_all
from testbed.lifecycle.plan import weather_of
from testbed.results.derived import STAGES
from testbed.results.record import Outcome
from testbed.results.table import table_of
from testbed.virtual import run_virtual, simulate
from testbed.virtual.work import LONG_FRAME_BYTES, request_bytes
from tests.testbed import synthetic
from tests.testbed.virtual import made_up
from tests.testbed.virtual.made_up import (
    DECODE_S,
    DELAY_S,
    ENCODE_S,
    HANDING_DOWN_S,
    HANDING_UP_S,
    HEAD_S,
    OTHER_S,
    TAIL_S,
)

EDGE_S = HEAD_S + ENCODE_S
SERVER_S = DECODE_S + TAIL_S + OTHER_S
SPLIT_S = EDGE_S + HANDING_UP_S + DELAY_S + SERVER_S + DELAY_S + HANDING_DOWN_S
GREETED_S = 4 * 2 * DELAY_S
"""TCP's handshake, three turns of ZeroMQ's and ours."""
LOSSY = {"rate": "5mbit", "loss": "5%", "jitter": "2ms"}


def stream_bytes(payload: int) -> int:
    """What a request puts on the connection; its number takes a byte."""
    return int(request_bytes("features", "fp16", np.array([payload]))[0]) + 1


def test_a_link_without_limit_adds_its_delay_and_nothing_else() -> None:
    requests, _ = run_virtual(made_up.scenario("split"), made_up.profile())
    assert requests["latency_s"].to_numpy() == pytest.approx(np.full(6, SPLIT_S))
    first = requests.iloc[0]
    expected = {
        "wait": 0.0,
        "head": HEAD_S,
        "encode": ENCODE_S,
        "uplink": DELAY_S + HANDING_UP_S,
        "queue": 0.0,
        "decode": DECODE_S,
        "tail": TAIL_S,
        "downlink": DELAY_S + HANDING_DOWN_S,
        "network": 0.0,
        "reply_wait": 0.0,
        "unanswered": 0.0,
        "fallback": 0.0,
        "other": OTHER_S,
    }
    found = {stage: first[f"stage_{stage}_s"] for stage in STAGES}
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_closed_loop_issues_each_request_when_the_one_before_is_answered() -> None:
    requests, _ = run_virtual(made_up.scenario("split"), made_up.profile())
    assert requests["due_s"].to_numpy() == pytest.approx(SPLIT_S * np.arange(6))
    assert requests["issued_s"].to_numpy() == pytest.approx(requests["due_s"].to_numpy())


def test_a_rate_adds_the_time_that_all_packets_take() -> None:
    rate = {"rate": "1mbit"}
    payload = 3 * MSS_BYTES
    scenario = made_up.scenario("split", link=rate, workload={"requests": 1})
    requests, _ = run_virtual(scenario, made_up.profile({"payload_up_bytes": payload}))
    segments = 4  # the header makes a fourth
    up_bytes = stream_bytes(payload) + segments * HEADER_BYTES
    assert requests["uplink_s"][0] == pytest.approx(
        up_bytes * 8 / 1e6 + DELAY_S + HANDING_UP_S, abs=1e-6
    )
    assert requests["wire_up_bytes"][0] >= up_bytes
    assert requests["payload_up_bytes"][0] == payload


def test_the_edge_is_as_slow_as_the_scenario_says() -> None:
    scenario = made_up.scenario("local", "split", edge={"slowdown": 4})
    requests, _ = run_virtual(scenario, made_up.profile(slowdown=2))
    heads = requests.groupby("deployment")["stage_head_s"].mean()
    assert heads.to_dict() == pytest.approx({"local": 2 * HEAD_S, "split-fp16": 2 * HEAD_S})
    split = requests[requests["deployment"] == "split-fp16"]
    assert split["stage_tail_s"].to_numpy() == pytest.approx(np.full(6, TAIL_S))


def test_the_same_seed_gives_the_same_run_and_another_another() -> None:
    profile = made_up.profile()
    first, again, other = (
        run_virtual(made_up.scenario(link=LOSSY, repeats=3, seed=seed), profile)
        for seed in (7, 7, 8)
    )
    pd.testing.assert_frame_equal(first[0], again[0], check_exact=True)
    assert first[1] == again[1]
    assert not first[0]["latency_s"].equals(other[0]["latency_s"])


def test_every_block_of_a_repeat_meets_the_same_outage() -> None:
    """It begins while the fourth request is under way, after two that warm up."""
    outage = {"at": f"{GREETED_S + 5.5 * SPLIT_S}s", "lasting": "3s"}
    split = {"split": {"codec": "fp16"}}
    scenario = made_up.scenario("local", split, link={"outages": [outage]}, repeats=3)
    requests, _ = run_virtual(scenario, made_up.profile())
    crossing = requests[requests["deployment"] == "split-fp16"]
    late = crossing[crossing["outcome"] == Outcome.LATE]
    assert late["index"].tolist() == [3, 3, 3]
    assert late["latency_s"].to_numpy() == pytest.approx(np.full(3, late["latency_s"].iloc[0]))


def test_a_trace_begins_where_the_repeats_weather_says(tmp_path: Path) -> None:
    """A delivery every 10 ms in its first half, none in its second, of two seconds."""
    (tmp_path / "half.up").write_text("".join(f"{ms}\n" for ms in [*range(0, 1000, 10), 2000]))
    trace = {"trace": str(tmp_path / "half.up")}
    scenario = made_up.scenario(
        "split", link=trace, workload={"warmup": 0, "requests": 1}, repeats=8
    )
    requests, _ = run_virtual(scenario, made_up.profile())
    spec = scenario.link.to_spec()
    columns = (requests[name] for name in ("repeat", "block_start_s", "uplink_s"))
    for repeat, start_s, there_s in zip(*columns, strict=True):
        ready_s = (weather_of(scenario, spec, repeat).offset_s + start_s + EDGE_S) % 2
        wait_s = 2 - ready_s if ready_s > 0.99 else 0.0
        assert there_s == pytest.approx(wait_s + DELAY_S, abs=0.025)


@pytest.mark.parametrize(
    ("server", "words"), [({}, 4), ({"device": "server-core"}, 5)], ids=["host", "device"]
)
def test_a_block_begins_when_its_connection_has_been_greeted(
    server: dict[str, str], words: int
) -> None:
    """Where the server stands for a device it is told that the block begins, too."""
    scenario = made_up.scenario("local", workload={"warmup": 0}, repeats=2, server=server)
    requests, _ = run_virtual(scenario, made_up.profile())
    starts_s = requests["block_start_s"].to_numpy()
    assert starts_s == pytest.approx(np.full(12, words * 2 * DELAY_S))


def test_an_outage_at_the_very_beginning_is_waited_out_by_connecting() -> None:
    outages = {"outages": [{"at": "0s", "lasting": "5s"}]}
    requests, _ = run_virtual(made_up.scenario("split", link=outages), made_up.profile())
    assert requests["block_start_s"].min() > 5
    assert set(requests["outcome"]) == {Outcome.ANSWERED}


def test_a_link_that_lets_nothing_through_still_has_its_requests_which_are_lost() -> None:
    scenario = made_up.scenario("split", link={"loss": "100%"}, workload={"timeout": "2s"})
    requests, _ = run_virtual(scenario, made_up.profile())
    assert requests["outcome"].tolist() == [Outcome.LOST] * 6


def test_a_run_leaves_the_columns_that_records_make() -> None:
    scenario = made_up.scenario(link=LOSSY)
    requests, _ = run_virtual(scenario, made_up.profile())
    from_records = table_of(synthetic.records(requests=3, repeats=1))
    shared = [name for name in from_records.columns if not name.startswith(("pred", "label"))]
    assert [name for name in requests.columns if name in shared] == shared
    pd.testing.assert_series_equal(requests.dtypes[shared], from_records.dtypes[shared])
    assert requests.dtypes["predicted_shape"] == requests.dtypes["label_shape"] == "Int64"


def test_its_figures_can_be_drawn_and_its_summary_names_backend_and_clock(tmp_path: Path) -> None:
    requests, summary = run_virtual(made_up.scenario(link=LOSSY), made_up.profile())
    assert (summary["backend"], summary["clock"]) == ("simpy", "virtual")
    assert summary["floor_ms"] == {"p50": 0.2, "p99": 0.4}
    drawn = draw_all(summary, requests, tmp_path)
    assert {path.name for path in drawn} >= {"stages.png", "cdf.svg"}


def test_deployments_replay_the_same_images_and_repeats_others() -> None:
    scenario = made_up.scenario(repeats=2)
    requests, _ = run_virtual(scenario, made_up.profile(rows=40))
    drawn = requests.groupby(["deployment", "repeat"])["sample"].agg(list)
    assert drawn["local", 0] == drawn["split-fp16", 0]
    assert drawn["local", 0] != drawn["local", 1]
    assert len(set(drawn["local", 0])) == 6


def test_accuracy_is_what_the_profile_predicted() -> None:
    profile = made_up.profile(rows=8)
    scenario = made_up.scenario(workload={"requests": 8, "warmup": 0})
    requests, summary = run_virtual(scenario, profile)
    for deployment in summary["deployments"]:
        assert deployment["accuracy"] == {"shape": 0.25}  # classes 0, 1, 2, 3 in turn, 1 is right
    assert requests["predicted_shape"].notna().all()


def test_a_deployment_that_was_not_measured_is_bad_input() -> None:
    with pytest.raises(BadInput, match="found no split-fp32, measured: local, split-fp16"):
        simulate(made_up.scenario({"split": {"codec": "fp32"}}), made_up.profile())


def test_small_messages_take_a_long_frame_only_above_255_bytes() -> None:
    short, long = stream_bytes(255), stream_bytes(256)
    assert long - short == 1 + LONG_FRAME_BYTES - 2


OUTAGE = {"outages": [{"at": "1s", "lasting": "5s"}]}
FALLS_BACK = {"fallback": "local", "after": "300ms"}
EVERY = {"arrival": {"periodic": "10hz"}, "requests": 60, "deadline": "500ms"}


@pytest.mark.parametrize("arrival", ["closed", {"periodic": "10hz"}, {"poisson": "10hz"}])
def test_an_outage_of_five_seconds_costs_an_edge_that_falls_back_no_request(arrival: Any) -> None:
    workload = EVERY | {"arrival": arrival, "requests": 700, "warmup": 0}
    link = {"outages": [{"at": "500ms", "lasting": "5s"}]}
    scenario = made_up.scenario("local", "split", link=link, edge=FALLS_BACK, workload=workload)
    requests, summary = run_virtual(scenario, made_up.profile(whole_s=0.03))
    assert set(requests["outcome"]) == {Outcome.ANSWERED}
    split = requests[requests["deployment"] == "split-fp16"]
    fell_back = split["fell_back_s"].notna()
    assert 40 < fell_back.sum() < 200
    assert [d["fell_back"] for d in summary["deployments"]] == [0, fell_back.sum()]
    when_s = (split["block_start_s"] + split["due_s"])[fell_back]
    assert 0.3 < when_s.min() < 0.8 and 5 < when_s.max() < 6.5
    assert not fell_back.iloc[-1], "the link is used again"
    at_once = split["sent_s"].isna()
    assert split["stage_fallback_s"][at_once].to_numpy() == pytest.approx(0.03)
    waited = fell_back & ~at_once
    assert split["stage_fallback_s"][waited].to_numpy() == pytest.approx(0.03 - HEAD_S)
    predicted, row = split["predicted_shape"], split["sample"] - 100
    assert (predicted == row % 4).all()


def test_what_the_edge_shrank_for_sending_alone_is_no_part_of_the_whole_network() -> None:
    made = made_up.profile(whole_s=0.03)
    remote = made.of("split-fp16").model_copy(update={"cut": "camera"})
    profile = made.model_copy(
        update={"deployments": {"local": made.of("local"), "remote-jpeg-q90-128px": remote}}
    )
    scenario = made_up.scenario(
        {"remote": {"resize": 128}}, link=OUTAGE, edge=FALLS_BACK, workload=EVERY | {"warmup": 0}
    )
    requests, _ = run_virtual(scenario, profile)
    assert requests["stage_fallback_s"].max() == pytest.approx(0.03)
    assert requests["stage_fallback_s"][requests["sent_s"].notna()].max() == pytest.approx(0.03)


def test_a_profile_without_local_is_no_good_to_an_edge_that_falls_back() -> None:
    made = made_up.profile()
    profile = made.model_copy(update={"deployments": {"split-fp16": made.of("split-fp16")}})
    with pytest.raises(BadInput, match="profile: found no local, measured: split-fp16"):
        run_virtual(made_up.scenario("split", edge=FALLS_BACK), profile)
