"""Which segments a full queue drops, against a lane that is offered them one by one."""

import pytest

from emulation.lane import Lane
from emulation.spec import LaneSpec
from emulation.transport.crossing import outgrown, overflowed

SERVICE_S = 1e-3
RATE_BPS = 12e6


def dropped_one_by_one(room: int, segments: int, kept: float) -> list[int]:
    lane = Lane[None](LaneSpec(rate_bps=RATE_BPS, queue_bytes=room * 1500), seed=1)
    times_s = [index * kept * SERVICE_S for index in range(segments)]
    return [i for i, now_s in enumerate(times_s) if lane.offer(now_s, 1500, None) is None]


@pytest.mark.parametrize(("room", "segments"), [(10, 8), (10, 10), (10, 25), (1, 5)])
def test_a_burst_loses_what_does_not_fit(room: int, segments: int) -> None:
    assert overflowed(room, segments, 0.0) == dropped_one_by_one(room, segments, 0.0)


@pytest.mark.parametrize(("room", "segments"), [(10, 15), (10, 60), (3, 40)])
def test_slow_start_loses_every_other_one_once_the_queue_is_full(room: int, segments: int) -> None:
    ours, theirs = overflowed(room, segments, 0.5), dropped_one_by_one(room, segments, 0.5)
    assert len(ours) == pytest.approx(len(theirs), abs=1)
    for our, their in zip(ours, theirs, strict=False):
        assert our == pytest.approx(their, abs=2)


def test_what_comes_as_fast_as_it_is_served_fits() -> None:
    assert overflowed(2, 1000, 1.0) == []


def test_a_window_that_grows_into_a_full_queue_loses_its_growth() -> None:
    assert outgrown(room=50, segments=21, replaced=20, each=2) == []
    assert outgrown(room=2, segments=21, replaced=20, each=2) == [19]
    assert outgrown(room=0, segments=20, replaced=20, each=2) == []
