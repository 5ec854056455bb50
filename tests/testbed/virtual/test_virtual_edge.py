"""Queues, deadlines and timeouts in virtual time, by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from testbed.lifecycle.reasons import BUSY, TOO_LATE, UNANSWERED
from testbed.virtual import run_virtual, simulate
from tests.testbed.virtual import made_up
from tests.testbed.virtual.made_up import DELAY_S

QUICK: dict[str, float] = {
    "head_s": 0.0,
    "encode_s": 0.0,
    "uplink_s": 0.0,
    "downlink_s": 0.0,
    "server_decode_s": 0.0,
    "server_other_s": 0.0,
}
"""Nothing takes any time but what a test says."""


def periodic(rate: str, **workload: Any) -> dict[str, Any]:
    return {"arrival": {"periodic": rate}, "warmup": 0, **workload}


def split(workload: dict[str, Any], slowdown: float = 1.0, **columns: float) -> pd.DataFrame:
    scenario = made_up.scenario("split", workload=workload, edge={"slowdown": slowdown})
    return run_virtual(scenario, made_up.profile(QUICK | columns, slowdown=slowdown))[0]


def test_requests_queue_at_a_server_that_is_too_slow() -> None:
    requests = split(periodic("20hz", requests=10, timeout="5s"), server_tail_s=0.1)
    index = np.arange(10)
    answered_s = 0.1 * (index + 1) + 2 * DELAY_S
    assert requests["answered_s"].to_numpy() == pytest.approx(answered_s, abs=1e-6)
    assert requests["latency_s"].to_numpy() == pytest.approx(answered_s - 0.05 * index, abs=1e-6)
    assert requests["stage_uplink_s"].to_numpy() == pytest.approx(np.full(10, DELAY_S), abs=1e-6)
    assert requests["stage_queue_s"].to_numpy() == pytest.approx(0.05 * index, abs=1e-6)


def test_every_request_ends_in_time_late_or_lost_and_the_lost_have_no_marks() -> None:
    workload = periodic("20hz", requests=20, deadline="340ms", timeout="500ms")
    scenario = made_up.scenario("split", workload=workload)
    profile = made_up.profile(QUICK | {"server_tail_s": 0.1})
    requests, summary = run_virtual(scenario, profile)
    # Request k takes 140 + 50 k ms: up to k = 4 in time, up to 7 late, lost from there.
    ordered = requests.sort_values("index")
    assert ordered["outcome"].tolist() == ["answered"] * 5 + ["late"] * 3 + ["lost"] * 12
    counted = summary["deployments"][0]
    assert (counted["answered"], counted["late"], counted["lost"]) == (5, 3, 12)
    lost = requests[requests["outcome"] == "lost"]
    assert lost["fault"].eq(UNANSWERED).all()
    never = ["answered_s", "latency_s", "uplink_s", "server_tail_s", "downlink_s", "stage_other_s"]
    assert lost[never].isna().all(axis=None)
    assert lost["predicted_shape"].isna().all()
    assert lost["label_shape"].eq(1).all()
    assert lost["sent_s"].notna().all()
    assert lost["payload_up_bytes"].eq(made_up.PAYLOAD_BYTES).all()


def test_answers_to_requests_given_up_are_counted_and_left() -> None:
    workload = {"requests": 3, "warmup": 0, "timeout": "100ms"}
    scenario = made_up.scenario("local", "split", workload=workload, repeats=2)
    done = simulate(scenario, made_up.profile(QUICK | {"server_tail_s": 0.2}))
    split_rows = done.requests[done.requests["deployment"] == "split-fp16"]
    assert split_rows["outcome"].eq("lost").all()
    assert split_rows["due_s"].to_numpy() == pytest.approx(np.tile([0.0, 0.1, 0.2], 2), abs=1e-6)
    # Each block lasts 300 ms; the first request is answered at 240 ms, the second at 440, when the
    # connection is closed.
    assert done.link["detail"]["counted_by_server"]["answered"] == 2
    assert done.link["detail"]["strays_at_edge"][TOO_LATE] == 2


def test_an_edge_that_falls_behind_gives_up_before_it_begins() -> None:
    workload = periodic("10hz", requests=12, timeout="500ms")
    scenario = made_up.scenario("local", workload=workload)
    requests, _ = run_virtual(scenario, made_up.profile({"head_s": 0.2}))
    first_lost = requests[requests["outcome"] == "lost"].iloc[0]
    # Each takes twice the period, so k is issued k periods late and done two periods after that.
    assert first_lost["index"] == 4
    assert first_lost["fault"] == "answered after its timeout"
    too_late = requests[requests["fault"] == BUSY]
    assert (too_late["issued_s"] - too_late["due_s"] > 0.5).all()
    assert too_late["head_done_s"].equals(too_late["issued_s"])
    answered = requests[requests["outcome"] != "lost"]
    assert answered["stage_wait_s"].to_numpy() == pytest.approx(0.1 * np.arange(4))


@pytest.mark.parametrize("slowdown", [1.0, 4.0])
def test_replies_wait_while_the_edge_computes(slowdown: float) -> None:
    # Sent at 60 ms, back at 130 ms. The second request computes from 100 to 160 ms.
    workload = periodic("10hz", requests=2)
    requests = split(workload, slowdown, head_s=0.06, server_tail_s=0.03)
    first = requests[requests["index"] == 0].iloc[0]
    assert first["answered_s"] == pytest.approx(0.160, abs=1e-6)


def test_late_and_lost_do_not_hold_up_a_closed_loop() -> None:
    workload = {"requests": 4, "warmup": 0, "timeout": "30ms"}
    requests = split(workload, server_tail_s=0.001)
    assert requests["outcome"].eq("lost").all()
    assert requests["due_s"].to_numpy() == pytest.approx(0.03 * np.arange(4), abs=1e-6)


def test_stages_after_a_pause_are_those_measured_after_one() -> None:
    # The pause is 40 ms, of 100 after which a request counts as rested: 1 + 0.4 * (3 - 1) times.
    workload = {"requests": 5, "warmup": 1}
    scenario = made_up.scenario("split", workload=workload)
    columns = QUICK | {"head_s": 0.01, "server_tail_s": 0.005}
    requests, _ = run_virtual(scenario, made_up.profile(columns, more=3))
    assert requests["stage_head_s"].iloc[1] == pytest.approx(0.018, rel=0.1)
    rare = made_up.scenario("local", "split", workload=periodic("2hz", requests=5))
    requests, _ = run_virtual(rare, made_up.profile(columns, more=3))
    later = requests[requests["index"] > 0]
    assert later["stage_head_s"].to_numpy() == pytest.approx(np.full(8, 0.03))
    crossed = later[later["deployment"] == "split-fp16"]
    assert crossed["stage_tail_s"].to_numpy() == pytest.approx(np.full(4, 0.015))
