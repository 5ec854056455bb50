"""The wall-clock side: both real halves over a TUN link, twice, its requests kept link by link.

What is kept can be predicted again, or judged in another way, without measuring again.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.prediction_links import DrawnLink
from emulation.link import load_backend
from testbed.config.scenario import Scenario
from testbed.config.seeds import seed_for
from testbed.results.record import RequestRecord
from testbed.results.table import last_attempts, read_table, table_of, write_table
from testbed.storage.files import replacing
from testbed.wall.session import Findings, Session

BACKEND = "tun"
TIMES = 2
"""Measured so often, one after the other: what the first time is judged by, and a rival."""


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
            table = pd.concat([measure(scenario).assign(time=time) for time in range(TIMES)])
            with replacing(file) as draft:
                write_table(table, draft)
        tables.append(read_table(file).assign(link=link.name))
    return pd.concat(tables, ignore_index=True)


def measure(scenario: Scenario) -> pd.DataFrame:
    """One run of both halves, each block's last attempt. Raises LinkUnavailable, PeerLost."""
    records: list[RequestRecord] = []
    backend = load_backend(BACKEND)
    with (
        backend.open(scenario.link.to_spec(), seed_for(scenario.seed, "link")) as opened,
        Session(opened, scenario, Findings(records.append)) as session,
    ):
        session.run()
    return last_attempts(table_of(records))
