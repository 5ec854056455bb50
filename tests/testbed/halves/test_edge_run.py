"""A disturbed block is run again, at most twice; on a clock that the test drives."""

from collections.abc import Sequence

import pytest

from emulation.meter import NoMeter
from testbed.config.scenario import Scenario
from testbed.errors import HostOutOfTolerance
from testbed.halves.edge_run import EdgeParts, run_edge
from testbed.halves.energy_counter import EnergyCounter
from testbed.halves.events import (
    Alive,
    Beginning,
    BlockEnergy,
    Checked,
    Done,
    Drawn,
    Event,
    HostsProbed,
    Quiet,
    Recorded,
)
from testbed.halves.overruns import BlockHosts
from testbed.halves.probe import WARMUP
from testbed.halves.workload import load_dataset
from tests.testbed.halves.on_our_clock import BLOCK_S, HEADS_S, BusyNetwork, Welcoming, stage_law
from tests.testbed.halves_in_threads import NEAR
from tests.testbed.lifecycle.scripted import OurClock

REQUESTS = 4
LATE_S = 0.003
FINE, SLOW = [0.001] * (1 + REQUESTS), [0.001, *[BLOCK_S + HEADS_S + LATE_S] * REQUESTS]
"""What the host takes for a warm-up and the requests of a block."""
RUNS = 5
BEFORE = [0.0] * (1 + WARMUP + RUNS)
"""For the check of the cut and the probe."""


def scenario(**tolerance: object) -> Scenario:
    tree = {
        "name": "paced",
        "link": {"uplink": {}, "downlink": {}, **tolerance},
        "model": {"backbone": "null"},
        "workload": {
            "dataset": "blank",
            "camera_px": 16,
            "requests": REQUESTS,
            "warmup": 1,
            "arrival": {"pause": "10ms"},
        },
        "deployments": ["local"],
        "repeats": 2,
    }
    return Scenario.model_validate(tree)


def run(
    blocks: Sequence[Sequence[float]],
    asked: Scenario,
    monkeypatch: pytest.MonkeyPatch,
    before: Sequence[float] = BEFORE,
    widest: float = 1.5,
    counter: EnergyCounter | None = None,
) -> list[Event]:
    """What the edge tells when its host takes so long for the blocks, one after another."""
    monkeypatch.setattr("testbed.halves.probe.RUNS", RUNS)
    clock = OurClock()
    network = BusyNetwork(
        clock, head_s=[*before, *[time_s for block in blocks for time_s in block]]
    )
    parts = EdgeParts(
        asked,
        network,
        load_dataset(asked),
        lambda: Welcoming(clock),
        NEAR,
        NoMeter(),
        clock=clock,
        law=stage_law(network, widest),
        counter=counter,
    )
    events: list[Event] = []
    run_edge(parts, events.append)
    return events


def attempts(events: Sequence[Event]) -> list[tuple[int, int]]:
    """Repeat and attempt of each block in its order; all of its requests are there."""
    records = [event.record for event in events if isinstance(event, Recorded)]
    blocks = [(record.repeat, record.attempt) for record in records]
    found = list(dict.fromkeys(blocks))
    assert blocks == [block for block in found for _ in range(REQUESTS)]
    told = [(event.repeat, event.attempt) for event in events if isinstance(event, BlockHosts)]
    assert told == found
    assert sum(isinstance(event, Beginning) for event in events) == len(found)
    return found


def test_a_block_that_was_disturbed_is_run_again_until_it_was_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = run([SLOW, FINE, FINE], scenario(), monkeypatch, widest=1.0)
    assert attempts(events) == [(0, 0), (0, 1), (1, 0)]
    disturbed, *_ = (event for event in events if isinstance(event, BlockHosts))
    tally = disturbed.stages["edge"]["head"]
    assert tally[:3] == pytest.approx((REQUESTS, REQUESTS, REQUESTS * LATE_S))


def test_at_most_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run([SLOW, SLOW, SLOW, FINE], scenario(), monkeypatch, widest=1.0)
    assert attempts(events) == [(0, 0), (0, 1), (0, 2), (1, 0)]


def test_an_attempt_has_the_same_images_moments_and_times_as_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = [0.001, BLOCK_S * 3, BLOCK_S * 3, 0.001, 0.001]
    events = run([slow, FINE, FINE], scenario(), monkeypatch)
    records = [event.record for event in events if isinstance(event, Recorded)]
    first, again, other = (records[start : start + REQUESTS] for start in (0, 4, 8))
    assert [record.sample for record in first] == [record.sample for record in again]
    took_s = [[r.head_done_s - r.issued_s for r in block[2:]] for block in (first, again, other)]
    assert took_s[0] == pytest.approx(took_s[1])
    assert took_s[0] != pytest.approx(took_s[2])


@pytest.mark.parametrize("tolerance", ["off", {"compute": "100%"}])
def test_what_is_within_tolerance_is_not_run_again(
    monkeypatch: pytest.MonkeyPatch, tolerance: object
) -> None:
    events = run([SLOW, FINE], scenario(tolerance=tolerance), monkeypatch, widest=1.0)
    assert attempts(events) == [(0, 0), (1, 0)]


def test_the_hosts_are_probed_before_the_first_block_and_after_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = run([FINE, FINE], scenario(), monkeypatch)
    kinds = [type(event) for event in events if not isinstance(event, Quiet | Drawn)]
    assert kinds[:3] == [HostsProbed, Checked, Beginning]
    assert kinds[-2:] == [HostsProbed, Done]


def test_the_edge_says_how_long_it_may_be_silent_before_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = scenario()
    events = run([FINE, FINE], asked, monkeypatch)
    assert events[0] == Quiet(NEAR.hello_s())
    checked = next(place for place, event in enumerate(events) if isinstance(event, Checked))
    assert events[checked - 2] == Quiet(NEAR.answer_s())  # the probe of hosts
    assert events[checked + 1] == Quiet(NEAR.silence_s(asked))
    assert not any(isinstance(event, Quiet) for event in events[checked + 2 : -3])


def test_a_host_that_is_too_slow_is_refused_before_the_first_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = [1.0] * len(BEFORE)
    with pytest.raises(HostOutOfTolerance, match="too slow to stand for made-up: the edge's host"):
        run([FINE, FINE], scenario(), monkeypatch, before=slow)
    assert attempts(run([FINE, FINE], scenario(tolerance="off"), monkeypatch, before=slow))


def test_what_is_decoded_and_each_request_of_a_warm_up_are_signs_of_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = run([FINE, FINE], scenario(), monkeypatch)
    kinds = [
        type(event) for event in events if not isinstance(event, HostsProbed | BlockHosts | Quiet)
    ]
    block = [Beginning, Alive, *[Recorded] * REQUESTS]
    assert kinds == [Drawn, Checked, *block, Drawn, *block, Done]


class Steady:
    """A counter that tells one joule more each time."""

    name = "steady"

    def __init__(self) -> None:
        self.counted, self.running = 0, False

    def start(self) -> None:
        assert not self.running
        self.running = True

    def stop(self) -> float | None:
        self.counted, self.running = self.counted + 1, False
        return float(self.counted)


def test_the_energy_of_each_attempt_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    events = run([SLOW, FINE, FINE], scenario(), monkeypatch, widest=1.0, counter=Steady())
    told = [event for event in events if isinstance(event, BlockEnergy)]
    found = [(one.repeat, one.attempt, one.joules, one.counter) for one in told]
    assert found == [(0, 0, 1.0, "steady"), (0, 1, 2.0, "steady"), (1, 0, 3.0, "steady")]


def test_a_block_begins_after_its_warm_up_in_the_link_s_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = run([FINE, FINE], scenario(), monkeypatch, widest=1.0)
    records = [event.record for event in events if isinstance(event, Recorded)]
    warm_up_s = 0.010 + BLOCK_S + HEADS_S
    assert {round(record.block_start_s, 9) for record in records} == {round(warm_up_s, 9)}
