"""THE fault matrix: every case once, for the tests and for the table that is published."""

from collections.abc import Iterator, Mapping
from itertools import chain, product

from tests.faults.injections import (
    disk_full,
    killed,
    link_down,
    read_only_disk,
    small_disk,
    stopped,
)
from tests.faults.pairs import PairCase
from tests.faults.running import PHASES
from tests.faults.runs import RunCase
from tests.faults.sweeps import (
    SweepCase,
    dask_scheduler_killed,
    dask_worker_killed,
    killed_and_resumed,
    worker_killed,
)

Case = RunCase | SweepCase | PairCase
WORKERS = ("server", "edge", "ferry", "keeper", "main")
ONE_BLOCK = (("deployments", "[split]"), ("repeats", "1"), ("workload.requests", "12"))


def _kills() -> Iterator[RunCase]:
    return (
        RunCase(
            f"{who} killed while {when}",
            killed(who),
            who,
            when,
            codes=(-9,) if who == "main" else (0, 1),
        )
        for who, when in product(WORKERS, PHASES)
    )


def _stops() -> Iterator[RunCase]:
    return (
        RunCase(f"{who} stopped for 3 s", stopped(who), who, flagged=True, codes=(0,))
        for who in WORKERS
    )


def _lossy(up: str, down: str) -> tuple[tuple[str, str], ...]:
    return ("link.uplink.loss", up), ("link.downlink.loss", down), *ONE_BLOCK


GROUPS: Mapping[str, tuple[Case, ...]] = {
    "a process of a run killed": (*_kills(),),
    "a process of a run stopped for 3 s": (*_stops(),),
    "the link": (
        RunCase(
            "link down for 5 s by schedule",
            settings=(("link.uplink.outages", "[{at: 200ms, lasting: 5s}]"), *ONE_BLOCK),
            backend="simpy",
            flagged=True,
            codes=(0,),
        ),
        RunCase("link down for 5 s by hand", link_down, "ferry", flagged=True, codes=(0,)),
        RunCase("100 % loss up", settings=_lossy("100%", "0%"), backend="simpy", codes=(0, 1, 3)),
        RunCase("100 % loss down", settings=_lossy("0%", "100%"), backend="simpy", codes=(0, 1, 3)),
        RunCase("30 % loss both ways", settings=_lossy("30%", "30%"), codes=(0, 1, 3)),
    ),
    "the disk": (
        *(
            RunCase(f"disk full while {when}", disk_full, when=when, backend="simpy",
                    disk=small_disk, codes=(1, 2))
            for when in ("loading", "running", "saving")
        ),
        RunCase("read-only folder", backend="simpy", disk=read_only_disk, codes=(2,)),
    ),
    "two runs at once": (
        PairCase("two runs at once", same=False),
        PairCase("two runs at once into one folder", same=True),
    ),
    "sweeps and those who do their points": (
        SweepCase("sweep killed at random and resumed, five times", killed_and_resumed),
        SweepCase("a sweep's worker killed", worker_killed),
        SweepCase("a dask worker killed", dask_worker_killed),
        SweepCase("the dask scheduler killed", dask_scheduler_killed),
    ),
}  # fmt: skip
CASES = tuple(chain.from_iterable(GROUPS.values()))
