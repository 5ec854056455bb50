"""Asking for processors that stay awake: granted, refused, and nowhere to ask."""

import os
from pathlib import Path
from threading import Thread

from testbed.halves.machine import NO_LATENCY, WALL_CLOCK, awake


def test_no_latency_is_asked_for_as_long_as_it_lasts(tmp_path: Path) -> None:
    device = tmp_path / "latency"
    device.write_bytes(b"")
    with awake(device) as granted:
        assert granted
        assert device.read_bytes() == NO_LATENCY


def test_where_there_is_nothing_to_ask_work_goes_on(tmp_path: Path) -> None:
    with awake(tmp_path / "missing") as granted:
        assert not granted


def test_a_device_that_refuses_is_no_error() -> None:
    with awake(Path("/dev/full")) as granted:
        assert not granted


def test_a_thread_runs_first_where_it_may_and_then_as_usual_again() -> None:
    found: list[int] = []

    def ask() -> None:
        for wanted in (True, False):
            WALL_CLOCK.run_first(wanted)
            found.append(os.sched_getscheduler(0))

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert found in ([os.SCHED_RR, os.SCHED_OTHER], [os.SCHED_OTHER] * 2)
