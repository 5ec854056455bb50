"""The messages of a scenario's requests, and how our model carries them."""

from dataclasses import dataclass
from math import prod
from statistics import median

from emulation.spec import LinkSpec
from emulation.transport.connection import open_connection
from testbed.config.deployments import identity_of
from testbed.config.frame import sides
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.virtual.repertoire import Repertoire
from testbed.virtual.work import Replay, Work, draw_rows

GAP_S = 5.0
"""Between two requests: none waits for another."""
RAW = "an image without compression"


@dataclass(frozen=True, slots=True)
class Transfers:
    """Request and reply sizes in bytes, in the order in which they are sent."""

    link: LinkSpec
    seed: int
    up_bytes: list[int]
    down_bytes: list[int]

    def __len__(self) -> int:
        return len(self.up_bytes)


def transfers_of(scenario: Scenario, profile: Repertoire, requests: int) -> dict[str, Transfers]:
    """Those of each deployment that crosses the link, and a tenth as many of raw images."""
    link, seed = scenario.link.to_spec(), seed_for(scenario.seed, "link")
    rows = draw_rows(profile, scenario, repeat=0)[:requests]
    found = {}
    for entry in scenario.deployments:
        replay = Replay(profile, identity_of(entry).name, scenario.edge.slowdown)
        if replay.crosses_link:
            work = Work(replay, rows, first_number=0)
            found[replay.name] = Transfers(link, seed, work.up_bytes, work.down_bytes)
            replies = work.down_bytes
    few = max(1, requests // 10)
    found[RAW] = Transfers(
        link, seed, [3 * prod(sides(scenario.workload.camera_px))] * few, replies[:few]
    )
    return found


def transfers_by_us(transfers: Transfers) -> float:
    """Each request and its reply over one connection; returns the median time of the two."""
    connection = open_connection(transfers.link, transfers.seed)
    up, down = connection.up.send, connection.down.send
    took_s = []
    sizes = zip(transfers.up_bytes, transfers.down_bytes, strict=True)
    for number, (up_bytes, down_bytes) in enumerate(sizes):
        sent_s = number * GAP_S
        took_s.append(down(up(sent_s, up_bytes), down_bytes) - sent_s)
    return median(took_s)
