"""What a machine did besides: counted where it tells, and unknown elsewhere."""

import os
from pathlib import Path
from time import process_time

import pytest

from testbed.channel.survey import Interference
from testbed.halves import interference as room
from testbed.halves.interference import interference, since


def test_it_only_grows() -> None:
    before = interference()
    end_s = process_time() + 0.02
    while process_time() < end_s:
        pass
    found = since(before)
    assert found.steal_s is not None and found.steal_s >= 0
    assert found.queued_s is not None and found.queued_s >= 0
    assert found.preemptions >= 0


def test_numbers_are_taken_from_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat, schedstat = tmp_path / "stat", tmp_path / "schedstat"
    stat.write_text("cpu  1 2 3 4 5 6 7 800 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n")
    schedstat.write_text("111 2500000000 33\n")
    monkeypatch.setattr(room, "_STAT", stat)
    monkeypatch.setattr(room, "_SCHEDSTAT", schedstat)
    found = interference()
    assert found.queued_s == pytest.approx(2.5)
    assert found.steal_s == pytest.approx(800 / os.sysconf("SC_CLK_TCK"))


def test_what_a_machine_does_not_tell_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_STAT", tmp_path / "none")
    (tmp_path / "short").write_text("cpu 1\n")
    monkeypatch.setattr(room, "_SCHEDSTAT", tmp_path / "none")
    assert interference()[:2] == (None, None)
    assert since(Interference(1.0, 1.0, 0))[:2] == (None, None)
    monkeypatch.setattr(room, "_STAT", tmp_path / "short")
    assert interference().steal_s is None
