"""The wall-clock side: both real halves over a TUN link, twice, its requests kept link by link.

What is kept can be predicted again, or judged in another way, without measuring again.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.prediction_links import DrawnLink
from benchmarks.real_run import really_run, why_refused
from emulation.errors import LinkOutOfTolerance
from testbed.config.scenario import Scenario
from testbed.errors import HostOutOfTolerance
from testbed.results.table import read_table, write_table
from testbed.storage.files import replacing

BACKEND = "tun"
TIMES = 2
"""Measured so often, one after the other: what the first time is judged by, and a rival."""
TRIES = 5
"""At each."""


def measure_links(
    links: Sequence[DrawnLink], requests: int, repeats: int, out: Path, say: Callable[[str], None]
) -> pd.DataFrame:
    """The requests of all links, with the columns link and time (0 or 1).

    Each link that is not in `out` yet is measured, and kept there when it is done.
    """
    out.mkdir(parents=True, exist_ok=True)
    tables = []
    for place, link in enumerate(links, 1):
        file = out / f"{link.name}.parquet"
        if not file.exists():
            say(f"measuring {place}/{len(links)} {link.name}")
            scenario = link.scenario(requests, repeats)
            table = pd.concat([measure(scenario, say).assign(time=time) for time in range(TIMES)])
            with replacing(file) as draft:
                write_table(table, draft)
        tables.append(read_table(file).assign(link=link.name))
    return pd.concat(tables, ignore_index=True)


def measure(scenario: Scenario, say: Callable[[str], None]) -> pd.DataFrame:
    """The requests of one run as `testbed run` does it, each block's last attempt.

    A run in which this host was too slow for its devices, or the link was not as asked for, tells
    of this machine at that moment: it is done again. Raises what refused the last of TRIES.
    """
    for _ in range(TRIES - 1):
        try:
            return really_run(scenario, BACKEND).requests
        except (HostOutOfTolerance, LinkOutOfTolerance) as error:
            say(f"refused, and done again: {why_refused(error)}")
    return really_run(scenario, BACKEND).requests
