"""How fast virtual time is: whole requests of scenarios/lte.yaml, and its transfers against ns.py.

`python -m benchmarks.virtual [--out FILE] [--requests N]`. Times are processor time of one process
on one core, so that another load on the machine counts little. ns.py (a SimPy network simulator,
per packet) carries the same messages over the same link in the same process, in turns with us; it
is not among this project's dependencies: `pip install ns.py==0.4.3`. Targets: 20,000 requests a
second, 100 times ns.py.
"""

import argparse
import gc
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks.json_file import write_json
from benchmarks.virtual_peer import peer_version, transfers_by_ns
from benchmarks.virtual_transfers import RAW, Transfers, transfers_by_us, transfers_of
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.runs.environment import environment
from testbed.virtual import simulate
from testbed.virtual.content import Contents
from testbed.virtual.from_devices import repertoire_of
from testbed.virtual.repertoire import Repertoire

LTE = Path(__file__).parents[1] / "scenarios" / "lte.yaml"
REQUESTS, PEER_REQUESTS = 4000, 100
ROUNDS = 5
TARGET_PER_S, TARGET_RATIO = 20_000, 100
MIB = 2**20


def main() -> int:
    """Measure, print, and say whether the targets hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each deployment")
    parser.add_argument("--out", type=Path, help="also write the figures as JSON")
    arguments = parser.parse_args()
    scenario = load_scenario(LTE)
    profile = repertoire_of(scenario, Contents())
    report: dict[str, Any] = _speed(scenario, profile, arguments.requests)
    report |= _memory(scenario, profile, arguments.requests)
    report |= _against_peer(scenario, profile)
    if arguments.out:
        facts = environment("simpy", "virtual time")
        write_json(arguments.out, report | {"environment": facts})
    return 0


def _speed(scenario: Scenario, profile: Repertoire, requests: int) -> dict[str, Any]:
    """Requests a second and core, of all deployments together, records and table included."""
    longer = _lasting(scenario, requests)
    total = len(longer.deployments) * requests
    took_s = median(_processor_s(lambda: simulate(longer, profile)) for _ in range(ROUNDS))
    per_s = total / took_s
    verdict = "holds" if per_s >= TARGET_PER_S else "MISSED"
    print(f"{total} requests: {per_s:,.0f} a second and core, target {TARGET_PER_S:,}: {verdict}")
    return {"requests": total, "requests_per_s": per_s, "target_per_s": TARGET_PER_S}


def _memory(scenario: Scenario, profile: Repertoire, requests: int) -> dict[str, Any]:
    """What more requests need: the table itself, and the most there was beside it."""
    peaks, tables = [], []
    for factor in (1, 4):
        longer = _lasting(scenario, requests * factor // 4)
        tracemalloc.start()
        table = simulate(longer, profile).requests
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        peaks.append(peak)
        tables.append(int(table.memory_usage(deep=True).sum()))
    more = (peaks[1] - peaks[0]) / (tables[1] - tables[0])
    print(
        f"memory: {peaks[0] / MIB:.1f} MiB, and {peaks[1] / MIB:.1f} MiB for four times as many "
        f"requests; each byte of table takes {more:.1f} while it is made"
    )
    return {"peak_bytes": peaks[0], "peak_bytes_4x": peaks[1], "peak_per_table_byte": more}


def _against_peer(scenario: Scenario, profile: Repertoire) -> dict[str, Any]:
    """The messages of the deployments that cross the link, by us and by ns.py, in turns."""
    version = peer_version()
    if version is None:
        print("ns.py is not installed (pip install ns.py==0.4.3): not compared")
        return {}
    took_s: dict[str, tuple[float, float]] = {}
    rows = []
    print(
        f"{'exchange':<30} {'up':>9} {'us':>9} {'ns.py':>9} {'ratio':>6}   median of one, us/ns.py"
    )
    for name, transfers in transfers_of(scenario, profile, PEER_REQUESTS).items():
        row = _compared(name, transfers)
        rows.append(row)
        print(
            f"{name:<30} {row['up_bytes']:>9,} B {row['us_s'] * 1e6:>6.0f} us "
            f"{row['ns_s'] * 1e6:>6.0f} us {row['ratio']:>6.0f}   "
            f"{row['us_median_ms']:.1f}/{row['ns_median_ms']:.1f} ms"
        )
        if name != RAW:
            took_s[name] = row["us_s"], row["ns_s"]
    us_s, ns_s = (sum(times) for times in zip(*took_s.values(), strict=True))
    ratio = ns_s / us_s
    verdict = "holds" if ratio >= TARGET_RATIO else "MISSED"
    print(f"over the scenario's requests ns.py takes {ratio:.0f} times as long: {verdict}")
    return {"peer": version, "rows": rows, "ratio": ratio, "target_ratio": TARGET_RATIO}


def _compared(name: str, transfers: Transfers) -> dict[str, Any]:
    """Processor seconds an exchange takes, the rounds of one and the other in turns."""
    turns = {"us": transfers_by_us, "ns": transfers_by_ns}
    took_s: dict[str, list[float]] = {who: [] for who in turns}
    medians_s = {}
    for _ in range(ROUNDS):
        for who, carry in turns.items():
            gc.collect()  # what the other left is not this one's to clear away
            began_s = process_time()
            medians_s[who] = carry(transfers)
            took_s[who].append((process_time() - began_s) / len(transfers))
    return {
        "name": name,
        "up_bytes": int(median(transfers.up_bytes)),
        "us_s": median(took_s["us"]),
        "ns_s": median(took_s["ns"]),
        "ratio": median(b / a for a, b in zip(took_s["us"], took_s["ns"], strict=True)),
        "us_median_ms": medians_s["us"] * 1e3,
        "ns_median_ms": medians_s["ns"] * 1e3,
    }


def _lasting(scenario: Scenario, requests: int) -> Scenario:
    workload = scenario.workload.model_copy(update={"requests": requests})
    return scenario.model_copy(update={"workload": workload, "repeats": 1})


def _processor_s(work: Callable[[], object]) -> float:
    began_s = process_time()
    work()
    return process_time() - began_s


if __name__ == "__main__":
    sys.exit(main())
