"""One life, two drivers: what becomes of requests is the same on both, and as reckoned here."""

from collections.abc import Callable
from dataclasses import fields
from itertools import zip_longest
from math import isnan

import pytest

from testbed.lifecycle.asks import Rules
from testbed.lifecycle.reasons import BUSY, OTHER_TASKS, OVERDUE, SERVER_GONE, UNANSWERED, UNSENT
from testbed.results.record import Outcome, RequestRecord
from tests.testbed.lifecycle import fallback_cases
from tests.testbed.lifecycle.cases import Case, Ended
from tests.testbed.lifecycle.scripted import (
    ANYTHING_ELSE,
    DECODE_S,
    OVERRUN_S,
    OVERRUNS,
    QUEUE_S,
    SERVER_S,
    TAIL_S,
    Back,
    Played,
    Script,
    in_virtual_time,
    on_the_wall_clock,
)

DRIVERS: dict[str, Callable[[Script], Played]] = {
    "wall": on_the_wall_clock,
    "virtual": in_virtual_time,
}
CLOSED = Rules(deadline_s=0.1, timeout_s=0.2)
OPEN = Rules(deadline_s=0.1, timeout_s=0.2, closed=False)


def every(count: int, period_s: float) -> list[float]:
    return [index * period_s for index in range(count)]


CASES: dict[str, Case] = {
    "answered one after the other": Case(
        Script(CLOSED, [0.0] * 2, 0.01, 0.002, {0: [Back(0.05)], 1: [Back(0.07)]}),
        [Ended(0, 0, 0.062), Ended(1, 0.062, 0.144)],
    ),
    "a pause between an answer and the next request": Case(
        Script(CLOSED, [0.3] * 2, 0.01, 0.0, {0: [Back(0.05)], 1: [Back(0.05)]}),
        [Ended(0, 0.3, 0.36), Ended(1, 0.66, 0.72)],
    ),
    "late, and just in time": Case(
        Script(CLOSED, [0.0] * 2, back={0: [Back(0.15)], 1: [Back(0.0999)]}),
        [Ended(0, 0, 0.15, late=True), Ended(1, 0.15, 0.2499)],
    ),
    "lost on the way, and the next goes on at the timeout": Case(
        Script(CLOSED, [0.0] * 2, 0.01, back={1: [Back(0.05)]}),
        [Ended(0, 0, fault=UNANSWERED), Ended(1, 0.2, 0.26)],
    ),
    "an answer just before and one just after the timeout": Case(
        Script(CLOSED, [0.0] * 2, back={0: [Back(0.1999)], 1: [Back(0.2001)]}),
        [Ended(0, 0, 0.1999, late=True), Ended(1, 0.1999, fault=UNANSWERED)],
    ),
    "an answer to a request that was given up belongs to nobody": Case(
        Script(CLOSED, [0.0] * 2, back={0: [Back(0.25)], 1: [Back(0.09)]}),
        [Ended(0, 0, fault=UNANSWERED), Ended(1, 0.2, 0.29)],
        strays=1,
    ),
    "answered twice": Case(
        Script(CLOSED, [0.0] * 2, back={0: [Back(0.05), Back(0.06)], 1: [Back(0.05)]}),
        [Ended(0, 0, 0.05), Ended(1, 0.05, 0.1)],
        strays=1,
    ),
    "an answer that nobody asked for": Case(
        Script(CLOSED, [0.0], back={0: [Back(0.02, number=ANYTHING_ELSE), Back(0.05)]}),
        [Ended(0, 0, 0.05)],
        strays=1,
    ),
    "refused, and answered for other tasks": Case(
        Script(CLOSED, [0.0] * 2, back={0: [Back(0.05, "fault")], 1: [Back(0.05, "other tasks")]}),
        [Ended(0, 0, fault="no"), Ended(1, 0.05, fault=OTHER_TASKS)],
    ),
    "the transport is full": Case(
        Script(CLOSED, [0.0] * 2, 0.01, back={1: [Back(0.05)]}, full_for=frozenset({0})),
        [Ended(0, 0, fault=UNSENT), Ended(1, 0.01, 0.07)],
    ),
    "the server goes while it is waited for": Case(
        Script(CLOSED, [0.0] * 3, 0.01, back={0: [Back(0.05)], 1: [Back(0.09)]}, gone_s=0.1),
        [
            Ended(0, 0, 0.06),
            Ended(1, 0.06, fault=SERVER_GONE),
            Ended(2, 0.1, fault=SERVER_GONE),
        ],
    ),
    "the server goes while several wait": Case(
        Script(OPEN, every(3, 0.02), back={0: [Back(0.09)], 1: [Back(0.01)]}, gone_s=0.05),
        [
            Ended(1, 0.02, 0.03),
            Ended(0, 0, fault=SERVER_GONE),
            Ended(2, 0.04, fault=SERVER_GONE),
        ],
    ),
    "answers out of order": Case(
        Script(OPEN, every(3, 0.04), back={0: [Back(0.095)], 1: [Back(0.01)], 2: [Back(0.05)]}),
        [Ended(1, 0.04, 0.05), Ended(0, 0, 0.095), Ended(2, 0.08, 0.13)],
    ),
    "due whether or not answered, and given up when due": Case(
        Script(OPEN, every(4, 0.15), 0.01, back={1: [Back(0.05)], 3: [Back(0.12)]}),
        [
            Ended(1, 0.15, 0.21),
            Ended(0, 0, fault=UNANSWERED),
            Ended(2, 0.3, fault=UNANSWERED),
            Ended(3, 0.45, 0.58, late=True),
        ],
    ),
    "an edge that falls behind": Case(
        Script(OPEN, every(4, 0.01), 0.09, crosses_link=False),
        [
            Ended(0, 0, 0.09),
            Ended(1, 0.09, 0.18, late=True),
            Ended(2, 0.18, fault=OVERDUE),
            Ended(3, 0.27, fault=BUSY),
        ],
    ),
    "answers wait while the edge computes, and may come too late by that": Case(
        Script(OPEN, [0.0, 0.1], 0.12, back={0: [Back(0.05)], 1: [Back(0.01)]}),
        [Ended(0, 0, fault=OVERDUE), Ended(1, 0.12, 0.25, late=True)],
    ),
    "answers wait for a device that is slower than the machine": Case(
        Script(
            Rules(0.1, 0.3, closed=False),
            [0.0, 0.1],
            0.015,
            slowdown=4.0,
            back={0: [Back(0.07)], 1: [Back(0.01)]},
        ),
        [Ended(0, 0, 0.16, late=True), Ended(1, 0.1, 0.17)],
    ),
    "an edge that is never idle takes answers between its requests": Case(
        Script(OPEN, every(3, 0.01), 0.05, back={n: [Back(0.02)] for n in range(3)}),
        [Ended(0, 0, 0.1), Ended(1, 0.05, 0.15, late=True), Ended(2, 0.1, 0.17, late=True)],
    ),
    "a whole network slower than its timeout": Case(
        Script(CLOSED, [0.0] * 2, 0.11, crosses_link=False, slowdown=2.0),
        [Ended(0, 0, fault=OVERDUE), Ended(1, 0.22, fault=OVERDUE)],
    ),
} | fallback_cases.CASES


def differences(played: Played, case: Case) -> list[str]:
    """In what the records differ from what was reckoned."""
    found = [*map(_line, map(_ended, played.records)), f"{played.strays} strays"]
    found += [wrong for record in played.records if (wrong := _one_way(record, case.script))]
    wanted = [*map(_line, case.ended), f"{case.strays} strays"]
    return [f"{left} for {right}" for left, right in zip_longest(found, wanted) if left != right]


def _ended(record: RequestRecord) -> Ended:
    late = record.outcome is Outcome.LATE
    times_s = (record.issued_s, record.answered_s)
    return Ended(record.index, *times_s, record.fault, late, record.fell_back_s)


def _one_way(record: RequestRecord, script: Script) -> str:
    """What is wrong with the times there and back, which are equal."""
    if record.outcome is Outcome.LOST or not script.crosses_link or record.fault:
        return ""
    back = next(back for back in script.back[record.index] if back.number is None)
    uplink_s = (back.after_s - SERVER_S) / 2
    waited_s = record.answered_s - record.sent_s - back.after_s
    if _looks_late(script):
        back_s, found_s = uplink_s + waited_s, record.downlink_s + record.reply_wait_s
    else:
        back_s, found_s = uplink_s, record.downlink_s
    wrong_s = max(abs(record.uplink_s - uplink_s), abs(found_s - back_s))
    stages_s = (record.server_queue_s, record.server_decode_s, record.server_tail_s)
    if stages_s != (QUEUE_S, DECODE_S, TAIL_S) or abs(record.server_s - SERVER_S) > 1e-7:
        return f"{record.index}: the server's times"
    if (record.overruns, record.server_overrun_s) != (OVERRUNS, OVERRUN_S):
        return f"{record.index}: {record.overruns} overruns"
    return f"{record.index}: one way wrong by {wrong_s}" if not wrong_s < 1e-7 else ""


def _looks_late(script: Script) -> bool:
    """Whether a real edge cannot tell when an answer came: it cannot look while it computes."""
    return bool(script.head_s) and script.slowdown == 1 and not script.rules.closed


def _line(ended: Ended) -> str:
    """Times to a tenth of a microsecond."""
    issued, answered = f"{ended.issued_s:.7f}", f"{ended.answered_s:.7f}"
    how = f"{ended.fault} {'late' if ended.late else 'in time'}"
    how += f", fell back {ended.fell_back_s:.7f}"
    return f"{ended.index}: issued {issued}, answered {answered}, {how}"


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", CASES)
def test_as_reckoned(name: str, driver: str) -> None:
    played = DRIVERS[driver](CASES[name].script)
    assert differences(played, CASES[name]) == []
    for record in played.records:
        explained = record.outcome is Outcome.LOST or not isnan(record.fell_back_s)
        assert explained == bool(record.fault)


@pytest.mark.parametrize("name", CASES)
def test_both_drivers_make_the_same_records(name: str) -> None:
    wall, virtual = (play(CASES[name].script) for play in DRIVERS.values())
    for left, right in zip(wall.records, virtual.records, strict=True):
        if _looks_late(CASES[name].script):
            for record in (left, right):
                record.downlink_s += record.reply_wait_s
                record.reply_wait_s = 0.0
        assert plain(left) == plain(right)


def plain(record: RequestRecord) -> dict[str, object]:
    """Its fields, with times that may differ by less than a tenth of a microsecond made equal."""
    values = {each.name: getattr(record, each.name) for each in fields(record)}
    return {
        name: f"{value:.7f}".replace("-0.0000000", "0.0000000") if name.endswith("_s") else value
        for name, value in values.items()
    }
