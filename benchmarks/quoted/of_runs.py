"""One run, one sweep, three backends, what the harness costs, what faults do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.quoted.tables import between, plain, read_json, table, wrapped
from testbed.figures.latency_curves import crossings_of
from testbed.results.wording import milliseconds, percent, rate
from testbed.sweep.folder import load_sweep


def run(folder: Path) -> str:
    """A run's table, fastest first, and its answer in words."""
    summary = read_json(folder / "summary.json")
    tasks = list(summary["deployments"][0]["accuracy"])
    heads = ("deployment", "in time / late / lost", "p50", "p95", "mean (95 %)")
    more = ("bytes up: payload, on the wire", f"{', '.join(tasks)} right")
    by_name = {each["name"]: each for each in summary["deployments"]}
    ranking = summary["ranking"]
    rows = [_of_run(by_name[name]) for name in (*ranking["order"], *ranking["unranked"])]
    answer = wrapped(" ".join(["Its answer:", *summary["answer"]]))
    return f"{table((*heads, *more), rows)}\n{answer}"


def _of_run(found: Mapping[str, Any]) -> tuple[str, ...]:
    latency, wire = found["latency_ms"], found["wire_bytes"]
    low, high = (plain(end) for end in latency["ci95"])
    return (
        found["name"],
        f"{found['answered']} / {found['late']} / {found['lost']}",
        milliseconds(latency["p50"]),
        milliseconds(latency["p95"]),
        f"{milliseconds(latency['mean'])} ({low} to {high})",
        f"{found['payload_bytes']['up']:,.0f}, {wire['up']:,.0f}",
        ", ".join(percent(share) for share in found["accuracy"].values()),
    )


def crossovers(folder: Path) -> str:
    """Where two deployments of a bandwidth sweep change places."""
    rows = []
    for row in crossings_of(load_sweep(folder)).to_dict("records"):
        where = f"{rate(row['rate_bps'])} ({between(row['rate_low_bps'], row['rate_high_bps'])})"
        changes = "the fastest of all changes" if row["fastest"] else ""
        rows.append((row["faster_below"], row["faster_above"], where, changes))
    return table(("faster below", "faster above", "at (95 % interval)", ""), rows)


def backends(file: Path) -> str:
    """What each backend takes to carry the same, a row for each deployment and way."""
    rows = read_json(file)["rows"]
    names = list(dict.fromkeys(row["backend"] for row in rows))
    found = {(row["deployment"], row["way"], row["backend"]): row for row in rows}
    cells = [
        (
            deployment,
            way,
            f"{found[deployment, way, names[0]]['payload_bytes']:,.0f}",
            *(_carried(found[deployment, way, name]) for name in names),
        )
        for deployment, way in dict.fromkeys((row["deployment"], row["way"]) for row in rows)
    ]
    return table(("", "", "bytes", *names), cells)


def _carried(row: Mapping[str, Any]) -> str:
    low, high = (f"{row[end] * 1e3:.1f}" for end in ("low_s", "high_s"))
    return f"{row['mean_s'] * 1e3:.1f} ms ({low} to {high})"


def floor(file: Path) -> str:
    """What the harness costs at each size."""
    rows = [
        (
            f"{row['size_bytes']:,}",
            f"{row['bare_p50_us']:.0f} us",
            f"{row['harness_p50_us']:.0f} us",
            f"{row['ratio_p50']:.2f}",
        )
        for row in read_json(file)["rows"]
    ]
    return table(("bytes", "bare p50", "harness p50", "ratio"), rows)


def curve(file: Path) -> str:
    """What keys cost at each size: medians, and ratios to a connection without."""
    rows = []
    for row in read_json(file)["rows"]:
        cells = [f"{row['size_bytes']:,}", f"{row['plain_exchange_s'] * 1e6:.0f} us"]
        for kind in ("door", "keys"):
            ratio = row[f"{kind}_exchange_s_ratio"][1]
            cells.append(f"{row[f'{kind}_exchange_s'] * 1e6:.0f} us ({ratio:.2f})")
        cells.append(f"{row['keys_throughput_bps_ratio'][1]:.2f}")
        rows.append(tuple(cells))
    return table(("bytes", "plain", "with a door", "with keys", "back to back, with keys"), rows)


def faults(folder: Path) -> str:
    """What faults do to requests, a row for each kind of fault."""
    found = pd.read_csv(folder / "faults.csv")
    counts = ["injected", "requests", "answered", "late", "lost", "never_asked"]
    counts += ["unaccounted", "left_behind"]
    cases = found.groupby("kind", sort=False)
    sums = cases[counts].sum()
    sums.insert(0, "cases", cases.size())
    rows = [(str(kind), *(f"{value:,}" for value in row)) for kind, *row in sums.itertuples()]
    heads = ("fault", "cases", "faults", *(name.replace("_", " ") for name in counts[1:]))
    return table(heads, rows)
