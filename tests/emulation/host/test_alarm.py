import os
import threading
from collections.abc import Iterator
from math import inf
from statistics import median
from time import perf_counter, sleep

import pytest

from emulation.host.alarm import Alarm


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


def late_s(alarm: Alarm, inputs: list[int], after_s: float) -> float:
    """How late the alarm is for a deadline."""
    deadline_s = perf_counter() + after_s
    while perf_counter() < deadline_s:
        assert alarm.wait(deadline_s, inputs)[0] == []
    return perf_counter() - deadline_s


@pytest.mark.realtime
def test_ends_at_the_deadline(pipe: tuple[int, int]) -> None:
    alarm = Alarm()
    assert median(late_s(alarm, [pipe[0]], 2e-3) for _ in range(100)) < 150e-6
    assert 0 < alarm.waking_s <= 150e-6


def test_input_ends_the_wait(pipe: tuple[int, int]) -> None:
    alarm = Alarm()
    began_s = perf_counter()
    thread = threading.Timer(0.02, os.write, (pipe[1], b"x"))
    thread.start()
    ready, _, since_s = alarm.wait(began_s + 10, [pipe[0]])
    assert ready == [pipe[0]]
    assert began_s < since_s < perf_counter() < began_s + 5
    thread.join()


@pytest.mark.parametrize("deadline_s", [inf, 0.0, 1e12])
def test_input_that_waits_already_did_not_come_before_the_call(
    pipe: tuple[int, int], deadline_s: float
) -> None:
    alarm = Alarm()
    os.write(pipe[1], b"x")
    sleep(1e-3)
    began_s = perf_counter()
    ready, _, since_s = alarm.wait(deadline_s, [pipe[0]])
    assert ready == [pipe[0]]
    assert began_s <= since_s <= perf_counter()


def test_a_deadline_that_has_passed_is_no_sleep(pipe: tuple[int, int]) -> None:
    assert Alarm().wait(perf_counter() - 1, [pipe[0]])[0] == []


@pytest.mark.parametrize("deadline_s", [inf, 0.0, 1e12])
def test_what_can_be_written_ends_the_wait(pipe: tuple[int, int], deadline_s: float) -> None:
    assert Alarm().wait(deadline_s, [pipe[0]], [pipe[1]])[:2] == ([], [pipe[1]])
