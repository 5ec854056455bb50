"""The figures that README quotes, written anew from `results/reference/`.

`python -m benchmarks.readme`. Each part of README between `<!-- from FOLDER -->` and `<!-- end -->`
is made here of that folder alone; a test holds README to it, so that no figure is older than the
run that it speaks of.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.rules import NEAR, RULES, regrets, summed_up
from testbed.figures.latency_curves import crossings_of
from testbed.paper.report import VERDICTS
from testbed.paper.studies import STUDIES
from testbed.results.wording import UNKNOWN, milliseconds, percent, rate, size
from testbed.storage.files import atomic_write
from testbed.sweep.folder import load_sweep

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
REFERENCE = ROOT / "results" / "reference"
_PART = re.compile(r"( *)<!-- from results/reference/(\S+) -->\n.*?<!-- end -->", re.DOTALL)


def filled(text: str) -> str:
    """README's text with every part as its folder has it. Raises KeyError for an unknown folder."""
    return _PART.sub(_part, text)


def _part(found: re.Match[str]) -> str:
    indent, name = found.groups()
    made = f"<!-- from results/reference/{name} -->\n{PARTS[name](REFERENCE / name)}<!-- end -->"
    return "".join(indent + line if line.strip() else line for line in made.splitlines(True))


def run(folder: Path) -> str:
    """A run's table, fastest first, and its answer in words."""
    summary = _json(folder / "summary.json")
    tasks = list(summary["deployments"][0]["accuracy"])
    heads = ("deployment", "in time / late / lost", "p50", "p95", "mean (95 %)")
    more = ("bytes up: payload, on the wire", f"{', '.join(tasks)} right")
    by_name = {each["name"]: each for each in summary["deployments"]}
    ranking = summary["ranking"]
    rows = [_of_run(by_name[name]) for name in (*ranking["order"], *ranking["unranked"])]
    answer = _wrapped(" ".join(["Its answer:", *summary["answer"]]))
    return f"{_table((*heads, *more), rows)}\n{answer}"


def _of_run(found: Mapping[str, Any]) -> tuple[str, ...]:
    latency, wire = found["latency_ms"], found["wire_bytes"]
    low, high = (_plain(end) for end in latency["ci95"])
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
        where = f"{rate(row['rate_bps'])} ({_between(row['rate_low_bps'], row['rate_high_bps'])})"
        changes = "the fastest of all changes" if row["fastest"] else ""
        rows.append((row["faster_below"], row["faster_above"], where, changes))
    return _table(("faster below", "faster above", "at (95 % interval)", ""), rows)


def floor(file: Path) -> str:
    """What the harness costs at each size."""
    rows = [
        (
            f"{row['size_bytes']:,}",
            f"{row['bare_p50_us']:.0f} us",
            f"{row['harness_p50_us']:.0f} us",
            f"{row['ratio_p50']:.2f}",
        )
        for row in _json(file)["rows"]
    ]
    return _table(("bytes", "bare p50", "harness p50", "ratio"), rows)


def curve(file: Path) -> str:
    """What keys cost at each size: medians, and ratios to a connection without."""
    rows = []
    for row in _json(file)["rows"]:
        cells = [f"{row['size_bytes']:,}", f"{row['plain_exchange_s'] * 1e6:.0f} us"]
        for kind in ("door", "keys"):
            ratio = row[f"{kind}_exchange_s_ratio"][1]
            cells.append(f"{row[f'{kind}_exchange_s'] * 1e6:.0f} us ({ratio:.2f})")
        cells.append(f"{row['keys_throughput_bps_ratio'][1]:.2f}")
        rows.append(tuple(cells))
    return _table(("bytes", "plain", "with a door", "with keys", "back to back, with keys"), rows)


def coverage(file: Path) -> str:
    """How often intervals hold the truth, by scenario."""
    found = _json(file)
    rows = []
    for scenario, intervals in _by_scenario(found["rows"]).items():
        shares = [each["covered"] for each in intervals]
        hold = sum(each["holds"] for each in intervals)
        reach = f"{percent(min(shares))} to {percent(max(shares))}"
        rows.append((scenario, f"{hold} of {len(intervals)}", reach))
    hold = sum(row["holds"] for row in found["rows"])
    low, high = (percent(end) for end in found["target"])
    heads = ("scenario", f"intervals that hold in {low} to {high} of runs", "least to most")
    return _table(heads, [*rows, ("all", f"{hold} of {len(found['rows'])}", "")])


def agreement(file: Path) -> str:
    """How far virtual time is from real runs, by scenario and over all."""
    found = _json(file)
    rows = []
    for scenario, of in _by_scenario(found["rows"]).items():
        if "refused" in of[0]:
            rows.append((scenario, f"refused: {of[0]['refused']}", ""))
            continue
        off = [row["deviation"] * 100 for row in of]
        sure = [(row["wall_high_ms"] - row["wall_low_ms"]) / 2 / row["wall_ms"] for row in of]
        least_to_most = f"{percent(min(sure))} to {percent(max(sure))}"
        rows.append((scenario, f"{min(off):+.1f} to {max(off):+.1f} %", least_to_most))
    of_all = (f"{name} {percent(off)}" for name, off in found["reached"].items())
    rows.append(("all, either way", ", ".join(of_all), ""))
    return _table(("scenario", "virtual time's means, off by", "real means, 95 % within"), rows)


def paper(folder: Path) -> str:
    """The paper's claims, each with its verdict in the words of its report."""
    rows = []
    for study in STUDIES:
        file = folder / study / VERDICTS
        for said in _json(file)["verdicts"] if file.exists() else []:
            link = f"[{study}]({folder.relative_to(ROOT).as_posix()}/{study}/{study}.md)"
            rows.append((said["claim"], f"**{said['word']}**", said["found"], said["sure"], link))
    return _table(("claim", "verdict", "found", "how sure", "report"), rows)


def decision(folder: Path) -> str:
    """What to choose for each link and device, beside what the field compares."""
    rows = []
    for row in _json(folder / "decision.json")["rows"]:
        takes, field, chosen = row["takes"], row["field"], row["takes"][row["chosen"]]
        split = takes[row["best_of"]["split"]]["mean_ms"] if "split" in row["best_of"] else None
        behind = None if split is None else split - chosen["mean_ms"]
        rows.append(
            (
                f"{row['scenario']}, {row['device']}",
                row["chosen"],
                f"{milliseconds(chosen['mean_ms'])} ({_plain(chosen['low_ms'])} to "
                f"{_plain(chosen['high_ms'])})",
                *(milliseconds(takes[name]["mean_ms"]) for name in field.values()),
                UNKNOWN if behind is None else f"+{milliseconds(behind)}" if behind else "chosen",
                size(chosen["bytes"]),
                f"{chosen['loss'] * 100:.2f} ({chosen['loss_low'] * 100:.2f} to "
                f"{chosen['loss_high'] * 100:.2f})",
            )
        )
    heads = (
        "link, device",
        "choose",
        "mean (95 %)",
        *_json(folder / "decision.json")["rows"][0]["field"],
    )
    return _table((*heads, "fastest split", "sent", "points lost (95 %)"), rows)


def regret(folder: Path) -> str:
    """What each rule gives away, by the clock on which it was judged."""
    rows, cells = [], _json(folder / "regret.json")["rows"]
    for clock, said in (("virtual", ""), ("wall", ", measured")):
        for rule in RULES:
            if of_rule := regrets(cells, rule, clock):
                near, middle, worst = summed_up(of_rule)
                rows.append(
                    (
                        f"{rule}{said}",
                        f"{near} of {len(of_rule)}",
                        *(f"{milliseconds(ms)}, {percent(share)}" for ms, share in (middle, worst)),
                    )
                )
    heads = ("rule", f"within {percent(NEAR)} of the best", "given away: median", "worst")
    return _table(heads, rows)


def faults(folder: Path) -> str:
    """What faults do to requests, a row for each kind of fault."""
    found = pd.read_csv(folder / "faults.csv")
    counts = ["injected", "requests", "answered", "late", "lost", "never_asked"]
    counts += ["unaccounted", "left_behind"]
    cases = found.groupby("kind", sort=False)
    table = cases[counts].sum()
    table.insert(0, "cases", cases.size())
    rows = [(str(kind), *(f"{value:,}" for value in row)) for kind, *row in table.itertuples()]
    heads = ("fault", "cases", "faults", *(name.replace("_", " ") for name in counts[1:]))
    return _table(heads, rows)


PARTS: Mapping[str, Callable[[Path], str]] = {
    "lte": run,
    "lte-loaded": run,
    "sweeps/bandwidth": crossovers,
    "floor.json": floor,
    "curve.json": curve,
    "coverage.json": coverage,
    "agreement.json": agreement,
    "paper": paper,
    "decision": decision,
    "regret": regret,
    "faults": faults,
}


def _by_scenario(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    by_scenario: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_scenario[row["scenario"]].append(row)
    return by_scenario


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("  |", " |") for cells in lines)


def _wrapped(words: str) -> str:
    return re.sub(r"(.{1,100})(?:\s+|$)", r"\1\n", words)


def _plain(value_ms: float | None) -> str:
    return milliseconds(value_ms).removesuffix(" ms")


def _between(low_bps: float, high_bps: float) -> str:
    """An interval, each end of which may lie beyond the sweep and is NaN then."""
    ends = [("from", low_bps), ("to", high_bps)]
    said = [f"{word} {rate(end_bps)}" for word, end_bps in ends if not isnan(end_bps)]
    return " ".join(said)


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def main() -> int:
    """Write README anew."""
    atomic_write(README, filled(README.read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
