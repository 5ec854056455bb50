"""Packets are told when they have arrived; bursts are handed over together but never late."""

import pytest
import simpy

from emulation.spec import LaneSpec
from emulation.userspace.carrier import COALESCE_S, Carrier, Packet


class Log:
    """Remembers when things were called."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.times_s: list[float] = []

    def __call__(self) -> None:
        self.times_s.append(self.env.now)


def test_a_prompt_packet_arrives_exactly_when_it_leaves_the_lane() -> None:
    env = simpy.Environment()
    carrier, log = Carrier(env, LaneSpec(rate_bps=1.2e6, delay_s=0.01), seed=1), Log(env)
    arrivals = [carrier.send(1500, Packet(log)) for _ in range(3)]
    env.run()
    assert log.times_s == pytest.approx(arrivals)


def test_a_burst_is_handed_over_in_parts_and_its_last_packet_on_time() -> None:
    env = simpy.Environment()
    carrier, log = Carrier(env, LaneSpec(rate_bps=120e6), seed=1), Log(env)
    arrivals = [carrier.send(1500, Packet(log), prompt=False) for _ in range(20)]
    last_s = arrivals[-1]
    assert last_s is not None
    carrier.wake(last_s)
    env.run()
    assert len(log.times_s) == 20
    assert log.times_s[-1] == pytest.approx(last_s)
    for arrival_s, seen_s in zip(arrivals, log.times_s, strict=True):
        assert arrival_s is not None
        assert -1e-6 <= seen_s - arrival_s <= COALESCE_S + 1e-6


def test_counters_move_before_anybody_hears_of_a_packet() -> None:
    env = simpy.Environment()
    order: list[str] = []
    carrier = Carrier(env, LaneSpec(), seed=1, counted=lambda: order.append("counted"))
    carrier.send(100, Packet(lambda: order.append("arrived")))
    env.run()
    assert order == ["counted", "arrived"]


def test_where_packets_overtake_each_is_handed_over_at_its_own_time() -> None:
    env = simpy.Environment()
    spec = LaneSpec(delay_s=0.05, jitter_s=0.02, reorder=True)
    carrier, log = Carrier(env, spec, seed=1), Log(env)
    arrivals = [carrier.send(100, Packet(log), prompt=False) for _ in range(30)]
    env.run()
    assert log.times_s == pytest.approx(sorted(a for a in arrivals if a is not None))
