"""The wall-clock side: both real halves over a TUN link, its requests kept link by link.

What is kept can be predicted again with another model, without measuring again.
"""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.prediction_cells import LinkCell, link_names
from emulation.link import load_backend
from testbed.findings import Findings
from testbed.halves import HalfPair
from testbed.scenario_file import dump_scenario
from testbed.seeds import seed_for
from testbed.table import read_table, table_of, write_table
from testbed.whole_file import whole

BACKEND = "tun"
FILE = "measured.parquet"
SILENCE_S = 600.0


def measure_links(
    links: Sequence[LinkCell], requests: int, repeats: int, out: Path, say: Callable[[str], None]
) -> pd.DataFrame:
    """Requests of every link, those kept in `out` included; each is kept when it is done."""
    file = out / FILE
    kept = [read_table(file)] if file.exists() else []
    done = set(kept[0]["link"]) if kept else set()
    for number, link in enumerate(links, 1):
        if link.name in done:
            continue
        say(f"{number}/{len(links)} {link.name}")
        kept.append(measure(link, requests, repeats))
        with whole(file) as draft:
            write_table(pd.concat(kept, ignore_index=True), draft)
    every = pd.concat(kept, ignore_index=True)
    return every[every["link"].isin(link_names(links))]


def measure(link: LinkCell, requests: int, repeats: int) -> pd.DataFrame:
    """One run of both halves. Raises LinkUnavailable, PeerLost."""
    scenario = link.scenario(requests, repeats)
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="testbed-") as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(dump_scenario(scenario, absolute=True), encoding="utf-8")
        backend = load_backend(BACKEND)
        with (
            backend.open(scenario.link.to_spec(), seed_for(scenario.seed, "link")) as opened,
            HalfPair(opened, file) as halves,
        ):
            halves.run(findings.taking(lambda event: None), SILENCE_S)
    table = table_of(findings.records)
    table.insert(0, "link", link.name)
    return table
