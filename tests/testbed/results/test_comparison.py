"""Rankings are of paired differences, and are words only where these are surely above 0."""

from dataclasses import replace
from math import nan
from typing import Any

import pytest

from testbed.results.record import Outcome, RequestRecord
from testbed.results.summary import summarise
from testbed.results.table import table_of
from tests.testbed import synthetic

NAMES = {"local": "local", "split-fp16": "split", "remote-jpeg-q90": {"remote": {"codec": "jpeg"}}}


def record(deployment: str, repeat: int, index: int, latency_ms: float) -> RequestRecord:
    known = latency_ms == latency_ms  # noqa: PLR0124 (NaN is unlike itself)
    return RequestRecord(
        deployment=deployment,
        repeat=repeat,
        index=index,
        sample=index,
        outcome=Outcome.ANSWERED if known else Outcome.LOST,
        due_s=1.0,
        issued_s=1.0,
        answered_s=1.0 + latency_ms / 1e3,
    )


def summary_of(latencies_ms: dict[str, list[list[float]]]) -> dict[str, Any]:
    """latencies_ms: deployment -> of each repeat its requests; NaN is lost."""
    records = [
        record(name, repeat, index, latency_ms)
        for name, repeats in latencies_ms.items()
        for repeat, requests in enumerate(repeats)
        for index, latency_ms in enumerate(requests)
    ]
    scenario = synthetic.scenario(deployments=[NAMES[name] for name in latencies_ms])
    return summarise(scenario, table_of(records), synthetic.link_facts(), synthetic.TRAINED)


def test_what_repeats_share_does_not_hide_a_difference() -> None:
    """The weather of a repeat is worth 100 ms, the difference 5: pairs tell, means do not."""
    weather = [0.0, 100.0, 40.0, 70.0]
    found = summary_of(
        {
            "split-fp16": [[25 + shared, 25.2 + shared] for shared in weather],
            "local": [[20 + shared, 20.1 + shared] for shared in weather],
        }
    )
    (difference,) = found["ranking"]["differences"]
    assert found["ranking"]["order"] == ["local", "split-fp16"]
    assert (difference["faster"], difference["slower"]) == ("local", "split-fp16")
    assert difference["mean_ms"] == pytest.approx(5.05)
    assert difference["ci95_ms"] == pytest.approx([5.05, 5.05])
    local, split = (deployment["latency_ms"] for deployment in found["deployments"][::-1])
    assert local["ci95"][1] > split["mean"]
    assert found["answer"][0] == (
        "local is fastest: mean 72.6 ms, 5.05 ms (5.05 to 5.05) less than split-fp16."
    )


def test_no_winner_is_named_where_the_difference_may_be_nothing() -> None:
    found = summary_of({"local": [[20], [24], [22]], "split-fp16": [[23], [21], [23]]})
    low, high = found["ranking"]["differences"][0]["ci95_ms"]
    assert low < 0 < high
    assert found["answer"][0].startswith("No difference is shown between local (mean 22 ms) and")
    assert "fastest" not in found["answer"][0]


def test_one_repeat_shows_no_difference() -> None:
    found = summary_of({"local": [[20, 21]], "split-fp16": [[23, 24]]})
    assert found["ranking"]["differences"][0]["ci95_ms"] == [None, None]
    assert "3 ms, in one repeat, which tells no spread" in found["answer"][0]


def test_who_lost_too_much_is_not_ranked_and_named() -> None:
    some = [[1.0] * 9 + [nan]] * 3
    found = summary_of({"local": [[20.0] * 10] * 3, "split-fp16": some})
    assert found["ranking"] == {"order": ["local"], "unranked": ["split-fp16"], "differences": []}
    assert found["answer"] == [
        "local has a mean of 20 ms; there is nothing to rank it with.",
        "Within 200 ms, of 100 requests: local 100, split-fp16 90.",
        "split-fp16 is not ranked: it lost 10 % of its requests.",
    ]


def test_without_any_answer_nobody_is_ranked() -> None:
    found = summary_of({"local": [[nan]], "split-fp16": []})
    assert found["answer"][0] == "No deployment answered enough of its requests to be ranked."


def test_every_two_are_compared_in_their_order() -> None:
    values = {"local": 20.0, "split-fp16": 10.0, "remote-jpeg-q90": 30.0}
    found = summary_of({name: [[ms], [ms + 1]] for name, ms in values.items()})
    pairs = [(one["faster"], one["slower"]) for one in found["ranking"]["differences"]]
    assert pairs == [
        ("split-fp16", "local"),
        ("split-fp16", "remote-jpeg-q90"),
        ("local", "remote-jpeg-q90"),
    ]


def test_a_late_answer_is_not_in_time() -> None:
    records = [replace(record("local", 0, i, 300.0), outcome=Outcome.LATE) for i in range(4)]
    scenario = synthetic.scenario(deployments=["local"])
    told = summarise(scenario, table_of(records), synthetic.link_facts(), synthetic.TRAINED)
    assert told["answer"][1] == "Within 200 ms, of 100 requests: local 0."
