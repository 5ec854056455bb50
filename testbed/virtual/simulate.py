"""A whole run in virtual time: the blocks of `halves/edge.py` in the same order, on one link."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd
import simpy

from testbed.config.scenario import Scenario, deployment_name
from testbed.config.seeds import seed_for
from testbed.halves.block import Rules
from testbed.halves.workload import pause_s, period_s
from testbed.results.summary import LinkFacts, configured_link, summarise
from testbed.virtual.columns import Columns, columns_of, table_of
from testbed.virtual.edge import Block
from testbed.virtual.link import VirtualLink
from testbed.virtual.profile import Profile
from testbed.virtual.server import Message, Server
from testbed.virtual.work import Replay, Rows, draw_rows, make_work

BACKEND = "simpy"
CLOCK: Literal["virtual"] = "virtual"


@dataclass(frozen=True)
class VirtualRun:
    """requests: as `table.table_of` makes them. link: what is known of the link."""

    requests: pd.DataFrame
    link: LinkFacts


class World:
    """Everything that lasts for a whole run: the clock, the link, the server."""

    def __init__(self, scenario: Scenario) -> None:
        workload = scenario.workload
        self.env = simpy.Environment()
        self.link: VirtualLink[Message] = VirtualLink(
            self.env, scenario.link.to_spec(), seed_for(scenario.seed, "link")
        )
        self.server = Server(self.env, self.link.down)
        self.strays: Counter[str] = Counter()
        self._rules = Rules(
            period_s(scenario),
            workload.deadline,
            workload.timeout,
            scenario.edge.slowdown,
            pause_s(scenario),
        )

    def run(self, replay: Replay, rows: Rows, first_id: int) -> Block:
        """One block from its first request to the end of its last."""
        work = make_work(replay, rows, first_id)
        block = Block(self.env, self.link, self.server, self._rules, work, self.strays)
        self.env.run(self.env.process(block.requests()))
        return block


def simulate(scenario: Scenario, profile: Profile) -> VirtualRun:
    """Every request of `scenario`; the same scenario and profile give the same run.

    Raises BadInput when the profile lacks one of its deployments.
    """
    world = World(scenario)
    workload = scenario.workload
    replays = [
        Replay(profile, deployment_name(entry), scenario.edge.slowdown)
        for entry in scenario.deployments
    ]
    blocks: list[Columns] = []
    first_id = 0
    for repeat in range(scenario.repeats):
        rows = draw_rows(profile, scenario, repeat)
        for turn in range(len(replays)):
            replay = replays[(turn + repeat) % len(replays)]
            world.run(replay, rows[: workload.warmup], first_id)
            first_id += workload.warmup
            block = world.run(replay, rows[workload.warmup :], first_id)
            first_id += workload.requests
            blocks.append(columns_of(block, repeat, workload.deadline))
    return VirtualRun(table_of(blocks), _link_facts(scenario, profile, world))


def run_virtual(scenario: Scenario, profile: Profile) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Requests and summary of a run in virtual time, as `testbed run` would leave them.

    Needs nothing but its arguments. Raises BadInput when the profile lacks a deployment.
    """
    done = simulate(scenario, profile)
    return done.requests, summarise(scenario, done.requests, done.link, profile.weights, CLOCK)


def _link_facts(scenario: Scenario, profile: Profile, world: World) -> LinkFacts:
    """The link is what was configured; only its losses are a matter of chance."""
    lanes = world.link.describe()
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
        "floor_ms": {"p50": profile.floor.p50_s * 1e3, "p99": profile.floor.p99_s * 1e3},
        "detail": {
            "why": "virtual time: the link is computed, not emulated",
            "floor": asdict(profile.floor),
            "strays_at_edge": world.strays,
            "counted_by_server": {"answered": world.server.answered},
            "dataset": profile.dataset,
            "model": profile.identity,
            "weights": profile.weights._asdict(),
            "profile": {
                "fingerprint": profile.fingerprint,
                "environment": profile.environment,
                "slowdown": profile.slowdown,
                "rows": len(profile),
            },
            "link": lanes,
        },
    }


def _share_lost(lane: dict[str, int]) -> float | None:
    return lane["lost_packets"] / lane["offered_packets"] if lane["offered_packets"] else None
