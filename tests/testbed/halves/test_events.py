"""What the halves say to the parent comes back as it was; what is none of theirs is passed over."""

import io
from math import isnan

import pytest

from testbed.config.weights import Weights
from testbed.halves.equality import CutCheck
from testbed.halves.events import (
    Beginning,
    Bound,
    Checked,
    Done,
    Event,
    Failed,
    Ready,
    Recorded,
    Served,
    read_events,
    write_event,
)
from testbed.results.record import Outcome, RequestRecord
from tests.testbed import synthetic

EVENTS: list[Event] = [
    Bound("tcp://127.0.0.1:5555"),
    Ready(
        "null",
        ("resize", "heads"),
        Weights("random", "why"),
        kept_awake=True,
        dataset={"name": "blank", "n": [1]},
    ),
    Checked((CutCheck("split-fp16", "fp32", 3, 0.0), CutCheck("local", None, 3, 1e-9))),
    Beginning(2),
    Done({"malformed": 2}),
    Served({"answered": 7}),
    Failed("no\nweights", 2),
]


def said(event: Event) -> str:
    stream = io.StringIO()
    write_event(stream, event)
    return stream.getvalue()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line_and_comes_back(event: Event) -> None:
    line = said(event)
    assert line.count("\n") == 1
    assert list(read_events([line])) == [event]


def test_records_come_back_and_what_never_happened_is_not_a_number() -> None:
    for record in synthetic.records(requests=30, repeats=1):
        (event,) = read_events([said(Recorded(record))])
        assert isinstance(event, Recorded)
        assert repr(event.record) == repr(record)
        assert isinstance(event.record.outcome, Outcome)
    lost = RequestRecord("local", 0, 1, 2, due_s=0.1, issued_s=0.2, fault="gone")
    (event,) = read_events([said(Recorded(lost))])
    assert isinstance(event, Recorded) and isnan(event.record.answered_s)


def test_the_port_is_the_addresss() -> None:
    assert Bound("tcp://[::1]:5555").port == 5555


@pytest.mark.parametrize(
    "line",
    [
        "chatter of a library",
        "[1]",
        "7",
        "{}",
        '{"event": "unknown"}',
        '{"event": ["bound"]}',
        '{"event": "bound"}',
        '{"event": "bound", "address": 7}',
        '{"event": "recorded", "record": {"deployment": "local"}}',
        '{"event": "recorded", "record": {"depl',
    ],
)
def test_a_line_that_is_none_is_passed_over(line: str) -> None:
    assert list(read_events([line, said(EVENTS[0])])) == [EVENTS[0]]
