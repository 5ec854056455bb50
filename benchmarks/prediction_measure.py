"""The wall-clock side: both real halves over a TUN link, its requests kept link by link.

What is kept can be predicted again with another model, without measuring again.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.prediction_cells import LinkCell
from emulation.link import load_backend
from testbed.config.seeds import seed_for
from testbed.results.record import RequestRecord
from testbed.results.table import read_table, table_of, write_table
from testbed.storage.files import replacing
from testbed.wall.session import Findings, Session

BACKEND = "tun"
FILE = "measured.parquet"


def measure_links(
    links: Sequence[LinkCell],
    requests: int,
    repeats: int,
    profile: int,
    out: Path,
    say: Callable[[str], None],
) -> None:
    """Add the requests of these links to what is kept in `out`, each link when it is done.

    profile: number of the profile measured last.
    """
    file = out / FILE
    kept = [read_table(file)] if file.exists() else []
    for number, link in enumerate(links, 1):
        say(f"{number}/{len(links)} {link.name}")
        table = measure(link, requests, repeats)
        table.insert(1, "profile", profile)
        kept.append(table)
        with replacing(file) as draft:
            write_table(pd.concat(kept, ignore_index=True), draft)


def measure(link: LinkCell, requests: int, repeats: int) -> pd.DataFrame:
    """One run of both halves. Raises LinkUnavailable, PeerLost."""
    scenario = link.scenario(requests, repeats)
    records: list[RequestRecord] = []
    backend = load_backend(BACKEND)
    with (
        backend.open(scenario.link.to_spec(), seed_for(scenario.seed, "link")) as opened,
        Session(opened, scenario, Findings(records.append)) as session,
    ):
        session.run()
    table = table_of(records)
    table.insert(0, "link", link.name)
    return table
