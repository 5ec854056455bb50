"""Latency and stages, for each way in which a request can end."""

from dataclasses import replace
from math import isnan, nan
from typing import Any

import numpy as np
import pytest

from testbed.results.derived import DERIVED, STAGES
from testbed.results.record import Outcome, RequestRecord
from testbed.results.table import table_of
from tests.testbed import synthetic

BEYOND_THE_EDGE = (
    *("uplink_s", "server_queue_s", "server_decode_s", "server_tail_s", "server_s"),
    *("downlink_s", "reply_wait_s"),
)


def stages_of(**changes: Any) -> dict[str, float]:
    """In ms; of a request whose every step took a different time, a power of two."""
    record = RequestRecord("split", 0, 0, 0, due_s=1.0, outcome=Outcome.ANSWERED)
    marks = {
        "issued_s": 1.001,
        "head_done_s": 1.003,
        "encode_done_s": 1.007,
        "sent_s": 1.015,
        "answered_s": 1.143,  # 128 ms after it was sent
        "uplink_s": 0.016,
        "server_queue_s": 0.0005,
        "server_decode_s": 0.032,
        "server_tail_s": 0.004,
        "server_s": 0.048,
        "downlink_s": 0.064,
        "reply_wait_s": 0.00025,
    }
    for name, value in (marks | changes).items():
        setattr(record, name, value)
    row = table_of([record]).iloc[0]
    assert row["stage_other_s"] == pytest.approx(
        row["latency_s"] - sum(row[f"stage_{stage}_s"] for stage in STAGES[:-1]), nan_ok=True
    )
    return {stage: round(row[f"stage_{stage}_s"] * 1e3, 6) for stage in STAGES}


def test_with_a_common_clock_each_way_is_a_stage() -> None:
    assert stages_of() == {
        **{"wait": 1, "head": 2, "encode": 4, "uplink": 16, "queue": 0.5},
        **{"decode": 32, "tail": 4, "downlink": 64, "network": 0, "reply_wait": 0.25},
        **{"unanswered": 0, "fallback": 0},
        "other": 19.25,
    }


def test_without_a_common_clock_both_ways_are_one() -> None:
    assert stages_of(uplink_s=nan, downlink_s=nan) == {
        **{"wait": 1, "head": 2, "encode": 4, "uplink": 0, "queue": 0.5},
        **{"decode": 32, "tail": 4, "downlink": 0, "network": 79.75, "reply_wait": 0.25},
        **{"unanswered": 0, "fallback": 0},
        "other": 19.5,
    }


def test_what_is_never_sent_has_stages_on_the_edge_alone() -> None:
    unsent = dict.fromkeys(("sent_s", *BEYOND_THE_EDGE), nan)
    assert stages_of(**unsent, answered_s=1.007) == {
        **{"wait": 1, "head": 2, "encode": 4, "uplink": 0, "queue": 0},
        **{"decode": 0, "tail": 0, "downlink": 0, "network": 0, "reply_wait": 0, "other": 0},
        **{"unanswered": 0, "fallback": 0},
    }


def test_what_was_sent_and_lost_has_no_stages_beyond_the_edge() -> None:
    found = stages_of(**dict.fromkeys(("answered_s", *BEYOND_THE_EDGE), nan))
    assert [found["wait"], found["head"], found["encode"]] == [1, 2, 4]
    assert all(isnan(found[stage]) for stage in ("decode", "tail", "network", "other"))


@pytest.mark.parametrize("shared_clock", [True, False])
def test_stages_sum_to_the_latency_of_every_answered_request(shared_clock: bool) -> None:
    remote = replace(synthetic.REMOTE, shared_clock=shared_clock)
    table = table_of(synthetic.records({"remote": remote, "local": synthetic.LOCAL}))
    answered = table[table["outcome"] != "lost"]
    total = answered[[f"stage_{stage}_s" for stage in STAGES]].sum(axis=1, skipna=False)
    np.testing.assert_allclose(total, answered["latency_s"], atol=1e-12)
    assert table.loc[table["outcome"] == "lost", "latency_s"].isna().all()


def test_every_rule_is_of_a_time_or_of_energy() -> None:
    assert {column.unit for column, _ in DERIVED} == {"s", "J"}


def test_what_the_edge_computes_itself_has_no_stage_at_the_server() -> None:
    never = dict.fromkeys(BEYOND_THE_EDGE, nan)
    waited = stages_of(**never, fell_back_s=1.107, fallback_done_s=1.143)
    assert {stage: took for stage, took in waited.items() if took} == {
        **{"wait": 1, "head": 2, "encode": 4},
        **{"unanswered": 100, "fallback": 36},
    }
    not_sent = {"sent_s": nan, "head_done_s": 1.001, "encode_done_s": 1.001}
    at_once = stages_of(**never, **not_sent, fell_back_s=1.001, fallback_done_s=1.143)
    assert {stage: took for stage, took in at_once.items() if took} == {"wait": 1, "fallback": 142}
