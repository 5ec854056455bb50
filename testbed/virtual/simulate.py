"""A whole run in virtual time: the blocks of a run on the wall clock, in the same order."""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any, Literal, NamedTuple

import pandas as pd
import simpy

from testbed.config.deployments import LOCAL, identity_of
from testbed.config.scenario import HOST, Scenario
from testbed.devices.edge_power import edge_power
from testbed.lifecycle.edge import EdgeBlock
from testbed.lifecycle.plan import (
    PlannedBlock,
    due_times,
    planned_blocks,
    rules_of,
    weather_of,
)
from testbed.lifecycle.wire_bytes import counting_wire
from testbed.results.energy import reckon
from testbed.results.power import EdgePower
from testbed.results.record import RequestRecord
from testbed.results.summary import LinkFacts, configured_link, summarise
from testbed.results.table import table_of
from testbed.virtual.far import Exchanges, LinkAndServer
from testbed.virtual.repertoire import Repertoire
from testbed.virtual.virtual_edge import VirtualEdge
from testbed.virtual.work import Replay, Rows, Work, draw_rows

BACKEND = "simpy"
CLOCK: Literal["virtual"] = "virtual"
GREETING: Exchanges = ((10, 11), (54, 96), (157, 22))
"""What ZeroMQ's halves say before the first request: signature and version, the rest of ZMTP's
greeting and its READY (rfc.zeromq.org/spec/37, as libzmq 4.3 cuts it up), our hello and welcome."""
LOOK: Exchanges = ((5, 67),)
"""Before a block's measured requests the edge has the server count anew."""


class VirtualRun(NamedTuple):
    """requests: as `table.table_of` makes them. link: what is known of the link."""

    requests: pd.DataFrame
    link: LinkFacts


class World:
    """What lasts for a whole run, which is the clock, and what is new in each block."""

    def __init__(self, scenario: Scenario, chance: int) -> None:
        self._chance = chance
        self.env = simpy.Environment()
        self.strays: Counter[str] = Counter()
        self.counters: dict[str, Counter[str]] = {"uplink": Counter(), "downlink": Counter()}
        self.answered = 0
        self._scenario = scenario
        self._renewed_s = 0.0
        self._spec = scenario.link.to_spec()
        self._far: LinkAndServer

    def connect(self, repeat: int) -> None:
        """A fresh connection and server; every deployment of a repeat meets the same weather.

        That begins before the connection is made, which takes its round trips.
        """
        weather = weather_of(self._scenario, self._spec, repeat, self._chance)
        self._far = far = LinkAndServer(self.env, weather.over(self._spec), weather.seed)
        self._renewed_s = self.env.now
        if far.established_s < inf:
            self.env.run(far.established_s)
            self._converse(GREETING)

    def look(self) -> None:
        """Both halves count anew what their hosts do, where the server stands for a device."""
        if self._scenario.server.device != HOST:
            self._converse(LOOK)

    def _converse(self, exchanges: Exchanges) -> None:
        self.env.run(self.env.process(self._far.converse(exchanges)))

    def leave(self) -> None:
        """Close the present connection, and count what became of it."""
        self._far.closed = True
        self.answered += self._far.answered
        for way, counters in self._far.describe_link().items():
            self.counters[way].update(counters)

    def run(
        self,
        replay: Replay,
        whole: Replay | None,
        rows: Rows,
        planned: PlannedBlock,
        records: list[RequestRecord],
    ) -> None:
        """One block from its first request to the end of its last; adds records as they end.

        whole: what the edge may fall back on.
        """
        rows = rows[planned.first_sample : planned.first_sample + planned.requests]
        work = Work(replay, rows, planned.first_number)
        whole_work = None if whole is None else Work(whole, rows, planned.first_number)
        edge = VirtualEdge(self.env, self._far, work, self.strays, whole_work)
        block_start_s = edge.start_s - self._renewed_s

        def add(record: RequestRecord) -> None:
            record.block_start_s = block_start_s
            records.append(record)

        ended = counting_wire(lambda: self._far.metered(edge.now_s), add)
        rules, crosses_link = rules_of(self._scenario), replay.crosses_link
        block = EdgeBlock(replay.name, planned.repeat, replay.tasks, crosses_link, rules, ended)
        life = block.life(work.samples, due_times(self._scenario, planned), planned.first_number)
        self.env.run(edge.drive(block, life))


def simulate(scenario: Scenario, profile: Repertoire, chance: int = 0) -> VirtualRun:
    """Every request of `scenario`; the same arguments give the same run.

    chance: as for `plan.weather_of`, to see what else could have happened under one schedule.

    Raises BadInput when the profile lacks one of its deployments, and for an unknown radio.
    """
    world = World(scenario, chance)
    names = [identity_of(entry).name for entry in scenario.deployments]
    replays = [Replay(profile, name, scenario.edge.slowdown) for name in names]
    falls_back = scenario.edge.fallback is not None
    whole = Replay(profile, LOCAL, scenario.edge.slowdown) if falls_back else None
    rows = [draw_rows(profile, scenario, repeat) for repeat in range(scenario.repeats)]
    records: list[RequestRecord] = []
    with _no_garbage_collection():
        for planned in planned_blocks(scenario):
            if planned.warmup:
                world.connect(planned.repeat)
            else:
                world.look()
            told = [] if planned.warmup else records
            replay = replays[planned.deployment]
            world.run(replay, whole, rows[planned.repeat], planned, told)
            if not planned.warmup:
                world.leave()
        power = edge_power(scenario, profile.devices())
        reckon(records, power)
        requests = table_of(records)
        records.clear()  # before anybody looks through them for garbage
    return VirtualRun(requests, _link_facts(scenario, profile, world, power))


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Records pile up and none of them is garbage: looking through them costs a sixth of a run."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def run_virtual(scenario: Scenario, profile: Repertoire) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Requests and summary, as `testbed run` would leave them; needs nothing but its arguments."""
    requests, link = simulate(scenario, profile)
    return requests, summarise(scenario, requests, link, profile.weights, CLOCK)


def _link_facts(
    scenario: Scenario, profile: Repertoire, world: World, power: EdgePower
) -> LinkFacts:
    """The link is what was configured; only its losses are a matter of chance."""
    lanes = {way: dict(counters) for way, counters in world.counters.items()}
    return {
        "backend": BACKEND,
        "configured": configured_link(scenario.link.to_spec()),
        "achieved": {
            "uplink_rate_bps": None,
            "downlink_rate_bps": None,
            "rtt_ms": {"p50": None, "p99": None},
            "uplink_loss": _share_lost(lanes["uplink"]),
            "downlink_loss": _share_lost(lanes["downlink"]),
        },
        "within_tolerance": None,
        "floor_ms": profile.floor_ms(),
        "devices": profile.devices(),
        "edge_power": power.model_dump(mode="json"),
        "detail": {
            "why": "virtual time: the link is computed, not emulated",
            "strays_at_edge": world.strays,
            "counted_by_server": {"answered": world.answered},
            "dataset": profile.dataset,
            "model": profile.identity,
            "weights": profile.weights._asdict(),
            **profile.facts(),
            "link": lanes,
        },
    }


def _share_lost(lane: dict[str, int]) -> float | None:
    return lane["lost_packets"] / lane["offered_packets"] if lane["offered_packets"] else None
